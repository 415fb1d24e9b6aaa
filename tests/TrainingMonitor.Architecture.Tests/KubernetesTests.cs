using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace TrainingMonitor.Architecture.Tests;

/// <summary>The Kubernetes manifests by themselves: what refers to what, what the server knows, and what hardening asks for.</summary>
public sealed partial class KubernetesTests
{
    private static readonly string Source = File.ReadAllText(Path.Combine(Repository.Root, "deploy/kubernetes/trainmon.yaml"));
    private static readonly IReadOnlyList<YamlNode> Documents = Load();
    private static readonly YamlNode Set = Of("StatefulSet", "trainmon");
    private static readonly YamlNode Pod = At(Set, "spec", "template", "spec");
    private static readonly YamlNode Container = Items(At(Pod, "containers")).Single();

    [Fact]
    public void There_are_the_objects_of_a_cluster_and_each_is_of_a_stable_version() =>
        Documents.Select(document => $"{Text(document, "apiVersion")} {Text(document, "kind")} {Text(At(document, "metadata"), "name")}").Order(StringComparer.Ordinal).ShouldBe(
        [
            "apps/v1 StatefulSet trainmon", "networking.k8s.io/v1 NetworkPolicy trainmon", "policy/v1 PodDisruptionBudget trainmon", "v1 Service trainmon", "v1 Service trainmon-nodes",
            "v1 ServiceAccount trainmon",
        ]);

    [Fact]
    public void Every_selector_finds_the_pods()
    {
        var labels = At(Set, "spec", "template", "metadata", "labels").ToString();
        string[] selectors =
        [
            At(Set, "spec", "selector", "matchLabels").ToString(),
            At(Of("Service", "trainmon"), "spec", "selector").ToString(),
            At(Of("Service", "trainmon-nodes"), "spec", "selector").ToString(),
            At(Of("PodDisruptionBudget", "trainmon"), "spec", "selector", "matchLabels").ToString(),
            At(Of("NetworkPolicy", "trainmon"), "spec", "podSelector", "matchLabels").ToString(),
        ];
        selectors.ShouldAllBe(selector => selector == labels);
    }

    [Fact]
    public void Nodes_find_each_other_before_they_are_ready_and_start_at_once()
    {
        var nodes = Of("Service", "trainmon-nodes");
        Text(At(nodes, "spec"), "clusterIP").ShouldBe("None");
        Text(At(nodes, "spec"), "publishNotReadyAddresses").ShouldBe("true");
        Text(At(Set, "spec"), "serviceName").ShouldBe("trainmon-nodes");
        Text(At(Set, "spec"), "podManagementPolicy").ShouldBe("Parallel");
        int.Parse(Text(At(Set, "spec"), "replicas"), System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThanOrEqualTo(3, "a majority of two is all of them");
        Text(At(Of("PodDisruptionBudget", "trainmon"), "spec"), "maxUnavailable").ShouldBe("1");
        Variable("TRAINMON_CLUSTER_SEEDS").ShouldBe("trainmon-nodes:4652");
        Variable("TRAINMON_CLUSTER_HOST").ShouldBe("$(POD_IP)", "the seeds' name stands for addresses");
    }

    [Fact]
    public void Ports_are_those_that_the_server_has_and_every_target_is_one_of_the_container()
    {
        var ports = Items(At(Container, "ports")).ToDictionary(port => Text(port, "name"), port => Text(port, "containerPort"), StringComparer.Ordinal);
        ports.ShouldBe(new Dictionary<string, string> { ["grpc"] = "4650", ["http"] = "4651", ["cluster"] = "4652" }, ignoreOrder: true);
        foreach (var port in Items(At(Of("Service", "trainmon"), "spec", "ports")).Concat(Items(At(Of("Service", "trainmon-nodes"), "spec", "ports"))))
        {
            ports[Text(port, "targetPort")].ShouldBe(Text(port, "port"));
        }

        Items(At(Of("Service", "trainmon"), "spec", "ports")).ShouldNotContain(port => Text(port, "name") == "cluster");
    }

    [Fact]
    public void Every_variable_is_an_option_of_the_server_and_every_secret_comes_from_one()
    {
        var options = File.ReadAllText(Path.Combine(Repository.Root, "src/TrainingMonitor.Server/Hosting/ServerOptions.cs"));
        var known = Property().Matches(options).Select(match => "TRAINMON_" + Capital().Replace(match.Groups[1].Value, "_$0").TrimStart('_').ToUpperInvariant()).ToHashSet(StringComparer.Ordinal);
        var said = Items(At(Container, "env")).ToList();
        said.Select(one => Text(one, "name")).Where(name => name.StartsWith("TRAINMON_", StringComparison.Ordinal)).ShouldAllBe(name => known.Contains(name));
        said.Where(one => Text(one, "name") is "TRAINMON_TOKEN" or "TRAINMON_POSTGRES").ShouldAllBe(one => At(one, "valueFrom", "secretKeyRef") != null);
        Items(At(Container, "args")).Select(argument => argument.ToString()).ShouldBe(["serve", "--data", "/data", "--address", "0.0.0.0", "--cluster"]);
    }

    [Fact]
    public void Every_mount_has_its_volume_every_file_its_mount_and_every_secret_its_command_above()
    {
        var volumes = Items(At(Pod, "volumes")).Select(volume => Text(volume, "name")).Concat(Items(At(Set, "spec", "volumeClaimTemplates")).Select(claim => Text(At(claim, "metadata"), "name"))).ToList();
        var mounts = Items(At(Container, "volumeMounts")).ToList();
        mounts.Select(mount => Text(mount, "name")).Order(StringComparer.Ordinal).ShouldBe(volumes.Order(StringComparer.Ordinal));
        var files = Items(At(Container, "env")).Select(one => Find(one, "value")?.ToString() ?? "").Where(value => value.StartsWith('/'));
        files.ShouldAllBe(file => mounts.Any(mount => file.StartsWith(Text(mount, "mountPath") + "/", StringComparison.Ordinal)));
        var secrets = Items(At(Pod, "volumes")).Select(volume => Find(volume, "secret")).OfType<YamlNode>().Select(secret => Text(secret, "secretName")).Append("trainmon-token");
        secrets.ShouldAllBe(secret => Source.Contains($"{secret} ", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_runs_as_root_or_may_become_it_and_only_its_folders_can_be_written()
    {
        Text(At(Pod, "securityContext"), "runAsNonRoot").ShouldBe("true");
        Text(At(Pod, "securityContext"), "runAsUser").ShouldBe("1654", "the user of the image");
        Text(At(Pod, "securityContext", "seccompProfile"), "type").ShouldBe("RuntimeDefault");
        var own = At(Container, "securityContext");
        Text(own, "allowPrivilegeEscalation").ShouldBe("false");
        Text(own, "readOnlyRootFilesystem").ShouldBe("true");
        Items(At(own, "capabilities", "drop")).Select(item => item.ToString()).ShouldBe(["ALL"]);
        Text(Pod, "automountServiceAccountToken").ShouldBe("false");
        Text(Of("ServiceAccount", "trainmon"), "automountServiceAccountToken").ShouldBe("false");
        Text(Container, "image").ShouldMatch(@":\d+\.\d+\.\d+$");
        At(Container, "resources", "limits", "memory").ShouldNotBeNull();
        At(Container, "resources", "requests", "cpu").ShouldNotBeNull();
    }

    [Fact]
    public void Probes_ask_what_the_server_answers_and_a_stop_has_time_for_everything()
    {
        var endpoints = File.ReadAllText(Path.Combine(Repository.Root, "src/TrainingMonitor.Server/Http/HealthEndpoints.cs"));
        foreach (var probe in (string[])["startupProbe", "livenessProbe", "readinessProbe"])
        {
            var asked = At(Container, probe, "httpGet");
            endpoints.ShouldContain($"\"{Text(asked, "path")}\"");
            Text(asked, "port").ShouldBe("http");
            Text(asked, "scheme").ShouldBe("HTTPS");
        }

        Text(At(Container, "livenessProbe", "httpGet"), "path").ShouldBe("/health/live", "one that waits for its database must not be killed for it");
        int.Parse(Text(Pod, "terminationGracePeriodSeconds"), System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThanOrEqualTo(40);
    }

    [Fact]
    public void The_port_between_nodes_is_for_nodes_alone()
    {
        var rules = Items(At(Of("NetworkPolicy", "trainmon"), "spec", "ingress")).ToList();
        foreach (var rule in rules.Where(rule => Items(At(rule, "ports")).Any(port => Text(port, "port") == "4652")))
        {
            Items(At(rule, "from")).ShouldNotBeEmpty();
        }

        Items(At(Container, "env")).Select(one => Text(one, "name")).ShouldContain("TRAINMON_CLUSTER_CA");
        Source.ShouldNotContain("INSECURE");
    }

    private static string Variable(string name) => Text(Items(At(Container, "env")).Single(one => Text(one, "name") == name), "value");

    private static List<YamlNode> Load()
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Source));
        return [.. yaml.Documents.Select(document => document.RootNode)];
    }

    private static YamlNode Of(string kind, string name) => Documents.Single(document => Text(document, "kind") == kind && Text(At(document, "metadata"), "name") == name);

    private static YamlNode At(YamlNode node, params string[] path) => path.Aggregate(node, (at, key) => Find(at, key) ?? throw new ShouldAssertException($"{key} is missing in {at}"));

    private static YamlNode? Find(YamlNode node, string key) => ((YamlMappingNode)node).Children.TryGetValue(key, out var child) ? child : null;

    private static IEnumerable<YamlNode> Items(YamlNode node) => ((YamlSequenceNode)node).Children;

    private static string Text(YamlNode node, string key) => At(node, key).ToString();

    [GeneratedRegex(@"public \S+ (\w+) \{ get; init; \}")]
    private static partial Regex Property();

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}
