using TrainingMonitor.Grafana.Tests.Dashboards;
using TrainingMonitor.Grafana.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace TrainingMonitor.Grafana.Tests;

/// <summary>What Grafana reads at its start.</summary>
[Collection(RecordedSet.Name)]
public sealed class ProvisioningTests(RecordedData data)
{
    [Fact]
    public void The_datasource_has_the_uid_that_panels_name_and_its_secret_from_a_file()
    {
        var source = (YamlMappingNode)Read("datasources").Children["datasources"][0];
        Text(source, "uid").ShouldBe("trainmon-influxdb");
        Text(source, "type").ShouldBe("influxdb");
        Text(source, "url").ShouldBe("$TRAINMON_INFLUX_URL");
        Text((YamlMappingNode)source.Children["jsonData"], "version").ShouldBe("InfluxQL");
        var secrets = (YamlMappingNode)source.Children["secureJsonData"];
        secrets.Children.Values.ShouldAllBe(value => ((YamlScalarNode)value).Value!.Contains("$__file{"));
    }

    [Fact]
    public async Task There_are_at_most_three_alert_rules_and_their_queries_work()
    {
        var rules = ((YamlSequenceNode)Read("alerting").Children["groups"][0]["rules"]).Children.Cast<YamlMappingNode>().ToList();
        rules.Count.ShouldBeInRange(1, 3);
        rules.Select(rule => Text(rule, "uid")).ShouldBeUnique();
        rules.Count(rule => Text(rule, "noDataState") == "Alerting").ShouldBe(1, "silence is an alarm for the liveness rule alone");
        foreach (var rule in rules)
        {
            var steps = ((YamlSequenceNode)rule.Children["data"]).Children.Cast<YamlMappingNode>().ToList();
            steps.Select(step => Text(step, "refId")).ShouldBe(["A", "B", "C"]);
            Text(rule, "condition").ShouldBe("C");
            Text(steps[0], "datasourceUid").ShouldBe("trainmon-influxdb");
            var model = (YamlMappingNode)steps[0].Children["model"];
            // In these files Grafana reads $ as the start of a variable of its own environment.
            var query = Text(model, "query").Replace("$$", "$", StringComparison.Ordinal);
            query.ShouldContain("$timeFilter");
            Text(model, "query").Replace("$$", "", StringComparison.Ordinal).ShouldNotContain("$");
            (await PanelData.AskAsync(data, query, ".*", 200, TestContext.Current.CancellationToken)).ShouldNotBeEmpty(Text(rule, "title"));
        }
    }

    [Fact]
    public void The_provider_reads_the_folder_that_compose_mounts()
    {
        var provider = (YamlMappingNode)Read("dashboards").Children["providers"][0];
        var path = Text((YamlMappingNode)provider.Children["options"], "path");
        File.ReadAllText(SourceTree.PathOf("docker-compose.yml")).ShouldContain($"./grafana/dashboards:{path}:ro");
        Dashboard.All.ShouldNotBeEmpty();
    }

    private static YamlMappingNode Read(string folder)
    {
        using var reader = new StreamReader(SourceTree.PathOf($"grafana/provisioning/{folder}/trainmon.yaml"));
        var yaml = new YamlStream();
        yaml.Load(reader);
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    private static string Text(YamlMappingNode node, string key) => ((YamlScalarNode)node.Children[key]).Value!;
}
