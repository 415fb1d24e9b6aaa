using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using TrainingMonitor.EndToEndTests.Support;
using TrainingMonitor.Grafana.Tests.Support;
using TrainingMonitor.Storage.Tests;

namespace TrainingMonitor.Grafana.Tests.Telemetry;

/// <summary>What the server says about itself: Prometheus text, OTLP, logs.</summary>
public sealed partial class TelemetryTests
{
    private const string Promtool = "/usr/bin/promtool";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Promtool_finds_nothing_wrong_and_every_metric_is_explained()
    {
        if (!File.Exists(Promtool) && Environment.GetEnvironmentVariable("TRAINMON_REQUIRE_ALL") != "1")
            Assert.Skip("skipped: needs promtool");
        File.Exists(Promtool).ShouldBeTrue($"needs promtool at {Promtool}");
        using var folder = new TemporaryFolder();
        await using var server = new ServerProcess(folder.File("data"));
        // An InfluxDB that is away: its numbers are there all the same.
        server.Arguments.AddRange(["--influx-url", "http://127.0.0.1:1"]);
        await server.StartAsync(Stop);
        var metrics = await server.GetAsync("/metrics", Stop);

        using var process = Process.Start(new ProcessStartInfo(Promtool, ["check", "metrics"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await process.StandardInput.WriteAsync(metrics);
        process.StandardInput.Close();
        var said = await process.StandardError.ReadToEndAsync(Stop) + await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        (process.ExitCode, said).ShouldBe((0, ""));

        var names = Name().Matches(metrics).Select(match => match.Value).Distinct(StringComparer.Ordinal).ToList();
        names.Count.ShouldBeGreaterThan(35);
        var explained = await File.ReadAllTextAsync(SourceTree.PathOf("docs/operations.md"), Stop);
        names.Where(name => !explained.Contains($"`{name["trainmon_".Length..]}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Traces_and_metrics_reach_a_collector()
    {
        await using var collector = await Collector.StartAsync();
        using var folder = new TemporaryFolder();
        await using var server = new ServerProcess(folder.File("data"));
        server.Settings["TRAINMON_OTLP_ENDPOINT"] = collector.Address;
        server.Settings["TRAINMON_OTLP_SECONDS"] = "0.2";
        await server.StartAsync(Stop);
        // Login links carry their code in the query: no span may have it.
        await server.GetAsync("/health/live?token=hidden-word", Stop);
        await server.GetAsync("/api/v1/version", Stop);
        for (var attempt = 0; !(collector.Has("/v1/metrics", "series_queue") && collector.Has("/v1/traces", "/api/v1/version")); attempt++)
        {
            attempt.ShouldBeLessThan(300, server.Said);
            await Task.Delay(100, Stop);
        }

        foreach (var word in (string[])["trainmon.ready", "trainmon.ingest.frames", "trainmon.node", "dead_letters_total"])
            collector.Has("/v1/metrics", word).ShouldBeTrue(word);
        collector.Has("/v1/traces", "/health/live").ShouldBeTrue();
        collector.Has("/v1/traces", "hidden-word").ShouldBeFalse();
        await server.StopAsync(Stop);
    }

    [Fact]
    public async Task Logs_are_one_json_object_a_line_where_asked()
    {
        using var folder = new TemporaryFolder();
        await using var server = new ServerProcess(folder.File("data"));
        server.Settings["TRAINMON_LOG_FORMAT"] = "json";
        await server.StartAsync(Stop);
        await server.StopAsync(Stop);

        var lines = server.Said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        lines.Where(line => line.TryGetProperty("LogLevel", out _)).Select(line => line.GetProperty("LogLevel").GetString()).ShouldContain("Warning");
    }

    [GeneratedRegex(@"^trainmon_\w+", RegexOptions.Multiline, 1000)]
    private static partial Regex Name();
}
