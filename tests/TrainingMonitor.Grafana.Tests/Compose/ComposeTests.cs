using System.Text.RegularExpressions;
using TrainingMonitor.EndToEndTests.Support;
using TrainingMonitor.Grafana.Tests.Support;
using TrainingMonitor.Storage.Tests;
using TrainingMonitor.Storage.Tests.Influx;

namespace TrainingMonitor.Grafana.Tests.Compose;

/// <summary>The compose file without a container engine: what it says, and that its command and environment start a server that fills InfluxDB.</summary>
public sealed partial class ComposeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_service_has_a_health_check_a_version_and_no_secret_in_its_environment()
    {
        var services = await ComposeFile.ServicesAsync(Stop);
        services.Keys.Select(key => key.ToString()).Order(StringComparer.Ordinal).ShouldBe(["grafana", "influxdb", "influxdb3", "monitor"]);
        foreach (var (name, service) in services)
        {
            ((YamlDotNet.RepresentationModel.YamlMappingNode)service).Children.ContainsKey("healthcheck").ShouldBeTrue($"{name}");
            ComposeFile.Text(service, "image")!.ShouldMatch(@"^[a-z/]+:(\d+\.\d+(\.\d+)?|3-core|local)$", $"{name}");
            ComposeFile.List(service, "security_opt").ShouldContain("no-new-privileges:true", $"{name}");
            ComposeFile.List(service, "cap_drop").ShouldBe(["ALL"], $"{name}");
            foreach (var (variable, value) in ComposeFile.Variables(service).Where(pair => Secret().IsMatch(pair.Key)))
                value.ShouldStartWith("/run/secrets/", customMessage: $"{name}: {variable}");
            ComposeFile.List(service, "ports").ShouldAllBe(port => port.StartsWith("127.0.0.1:"));
        }
    }

    [Fact]
    public async Task The_monitor_runs_without_root_on_a_read_only_file_system()
    {
        var monitor = (await ComposeFile.ServicesAsync(Stop))["monitor"];
        ComposeFile.Text(monitor, "user").ShouldBe("1654:1654");
        ComposeFile.Text(monitor, "read_only").ShouldBe("true");
        ComposeFile.List(monitor, "tmpfs").ShouldBe(["/tmp"]);
        File.ReadAllText(SourceTree.PathOf("Dockerfile")).ShouldContain("USER $APP_UID");
    }

    [Fact]
    public async Task Its_command_and_environment_start_a_server_that_fills_influxdb()
    {
        var monitor = (await ComposeFile.ServicesAsync(Stop))["monitor"];
        await using var influx = await InfluxServer.StartAsync();
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("influx_token"), "some-token\n", Stop);
        // What a container's mounts and names do.
        string Here(string text) => text.Replace("/run/secrets", folder.Path, StringComparison.Ordinal).Replace("http://influxdb:8086", influx.Url.ToString().TrimEnd('/'), StringComparison.Ordinal);
        await using var server = new ServerProcess(folder.File("data"));
        foreach (var (name, value) in ComposeFile.Variables(monitor))
            server.Settings[name] = Here(value);
        server.Settings["TRAINMON_INFLUX_HEALTH_SECONDS"] = "0.2";
        var command = ComposeFile.List(monitor, "command");
        command.Take(3).ShouldBe(["serve", "--data", "/data"]);
        server.Arguments.AddRange(command.Skip(3).Where(word => word != "--no-auth"));

        await server.StartAsync(Stop);
        // The sink makes the database with its first point, and counts a line when InfluxDB has taken it.
        for (var attempt = 0; (await server.GetAsync("/metrics", Stop)).Split('\n').Contains("trainmon_influx_lines_accepted_total 0"); attempt++)
        {
            attempt.ShouldBeLessThan(300, server.Said);
            await Task.Delay(100, Stop);
        }

        (await influx.RowsAsync("trainmon", "SELECT LAST(\"runs\") FROM \"monitor\"")).ShouldHaveSingleItem();
        // The health check of the file, asked of this server.
        await CommandLine.RunAsync(Stop, "runs", "--json", "--server", server.Grpc.ToString());
        await server.StopAsync(Stop);
    }

    [GeneratedRegex("PASSWORD|TOKEN|SECRET", RegexOptions.None, 1000)]
    private static partial Regex Secret();
}
