using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Storage.Influx;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Spooling;
using TrainingMonitor.Storage.Tests.Series;

namespace TrainingMonitor.Storage.Tests.Influx;

/// <summary>The newer write path against a real server that has it: VictoriaMetrics takes line protocol at /api/v2/write.</summary>
public sealed class VictoriaMetricsTests : IDisposable
{
    private const string Program = "/usr/bin/victoria-metrics";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Points_arrive_through_the_newer_path(bool gzip)
    {
        if (!File.Exists(Program) && Environment.GetEnvironmentVariable("TRAINMON_REQUIRE_ALL") != "1")
        {
            Assert.Skip("skipped: needs victoria-metrics");
        }

        File.Exists(Program).ShouldBeTrue($"needs victoria-metrics at {Program}");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{FreePort()}") };
        using var process = Process.Start(new ProcessStartInfo(
            Program, [$"-httpListenAddr=127.0.0.1:{http.BaseAddress.Port}", $"-storageDataPath={folder.File("victoria")}", "-loggerLevel=ERROR", "-retentionPeriod=100y"])
        {
            UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true,
        })!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        try
        {
            await using var sink = InfluxSink.Start(
                new InfluxSinkOptions
                {
                    Server = new InfluxOptions { Url = http.BaseAddress, Gzip = gzip },
                    Spool = new SpoolOptions { Folder = folder.File("spool") },
                    FirstPauseSeconds = 0.05,
                    LongestPauseSeconds = 0.2,
                },
                TimeProvider.System,
                NullLoggerFactory.Instance);
            // It is not up yet: the spool bridges that.
            await sink.AddAsync([new RunWrites("läuft, \"q\" = 1", 1) { Project = "p", Points = [.. Enumerable.Range(0, 100).Select(step => SampleWrites.Point(step, values: (RunSeries.Loss, step / 4.0)))] }]);
            await InfluxSinkTests.DrainedAsync(sink);
            (sink.Counters.Accepted, sink.Counters.DeadLetters).ShouldBe((100, 0));
            (await http.GetAsync("/internal/force_flush")).StatusCode.ShouldBe(HttpStatusCode.OK);
            using var exported = JsonDocument.Parse(await http.GetStringAsync("/api/v1/export?match[]=run_loss"));
            exported.RootElement.GetProperty("metric").GetProperty("run").GetString().ShouldBe("läuft, \"q\" = 1");
            exported.RootElement.GetProperty("values").EnumerateArray().Select(value => value.GetDouble()).ShouldBe(Enumerable.Range(0, 100).Select(step => step / 4.0));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
