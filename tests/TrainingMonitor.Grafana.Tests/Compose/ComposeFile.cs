using System.Diagnostics;
using TrainingMonitor.Grafana.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace TrainingMonitor.Grafana.Tests.Compose;

/// <summary><c>docker-compose.yml</c> as docker-compose reads it. Without the program tests are skipped, or fail where everything is required.</summary>
internal static class ComposeFile
{
    private const string Program = "/usr/bin/docker-compose";

    /// <summary>Services by name, as <c>docker-compose config</c> resolves them.</summary>
    public static async Task<IDictionary<YamlNode, YamlNode>> ServicesAsync(CancellationToken stop)
    {
        if (!File.Exists(Program) && Environment.GetEnvironmentVariable("TRAINMON_REQUIRE_ALL") != "1")
            Assert.Skip("skipped: needs docker-compose");
        File.Exists(Program).ShouldBeTrue($"needs docker-compose at {Program}");
        using var process = Process.Start(new ProcessStartInfo(Program, ["--profile", "influxdb3", "-f", SourceTree.PathOf("docker-compose.yml"), "config"])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync(stop);
        var text = await process.StandardOutput.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
        process.ExitCode.ShouldBe(0, await error);
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        return ((YamlMappingNode)((YamlMappingNode)yaml.Documents[0].RootNode).Children["services"]).Children;
    }

    /// <summary>Words of a list, or none.</summary>
    public static List<string> List(YamlNode service, string key) =>
        ((YamlMappingNode)service).Children.TryGetValue(key, out var list) ? [.. ((YamlSequenceNode)list).Children.Select(item => item is YamlScalarNode text ? text.Value! : item.ToString())] : [];

    /// <summary>Environment of a service.</summary>
    public static Dictionary<string, string> Variables(YamlNode service) =>
        ((YamlMappingNode)service).Children.TryGetValue("environment", out var map)
            ? ((YamlMappingNode)map).Children.ToDictionary(pair => ((YamlScalarNode)pair.Key).Value!, pair => ((YamlScalarNode)pair.Value).Value!, StringComparer.Ordinal)
            : [];

    /// <summary>A word of a service, or null.</summary>
    public static string? Text(YamlNode service, string key) => ((YamlMappingNode)service).Children.TryGetValue(key, out var text) ? ((YamlScalarNode)text).Value : null;
}
