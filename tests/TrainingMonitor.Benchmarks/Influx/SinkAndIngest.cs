using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using TrainingMonitor.Benchmarks.Ingest;

namespace TrainingMonitor.Benchmarks.Influx;

/// <summary>What a sink costs ingest: four servers, each a process of its own, are loaded in turn in every round: without a sink (twice, so that the difference between the two says what a
/// difference is worth), with one whose InfluxDB is away, and with one that writes to the InfluxDB at the given address, on the same cores.</summary>
internal static partial class SinkAndIngest
{
    private const int Layers = 100;
    private static readonly string[] Names = ["without", "without, again", "InfluxDB away", "InfluxDB up"];

    public static async Task<string> RunAsync(Uri url, int steps, int rounds)
    {
        var text = new StringBuilder("| steps a frame | server | steps/s | to \"without\" | CPU µs/step (client + server) | to \"without\" |\n|---|---|---|---|---|---|\n");
        foreach (var stepsPerFrame in new[] { 1, 8 })
        {
            // Port 1: nobody listens.
            Uri?[] sinks = [null, null, new Uri("http://127.0.0.1:1"), url];
            var servers = await Task.WhenAll(sinks.Select(sink => ServerProcess.StartAsync("server", sink)));
            var figures = servers.Select(_ => new List<(double Rate, double Processor)>()).ToArray();
            for (var round = -2; round < rounds; round++)
            {
                for (var turn = 0; turn < servers.Length; turn++)
                {
                    var which = (turn + round + servers.Length) % servers.Length;
                    var figure = await MeasureAsync(servers[which], stepsPerFrame, steps);
                    if (which == servers.Length - 1)
                    {
                        await DrainedAsync(servers[which]);
                    }

                    if (round >= 0)
                    {
                        figures[which].Add(figure);
                    }
                }
            }

            for (var i = 0; i < servers.Length; i++)
            {
                var rates = figures[i].Zip(figures[0], (own, without) => own.Rate / without.Rate).Order().ToList();
                var processor = figures[i].Zip(figures[0], (own, without) => own.Processor / without.Processor).Order().ToList();
                text.AppendLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {stepsPerFrame} | {Names[i]} | {Median(figures[i].Select(f => f.Rate)):N0} | {Range(rates)} | {Median(figures[i].Select(f => f.Processor)):F1} | {Range(processor)} |"));
                await servers[i].DisposeAsync();
            }
        }

        return text.ToString();
    }

    private static string Range(List<double> sorted) => string.Create(CultureInfo.InvariantCulture, $"{Median(sorted):F2} ({sorted[0]:F2} to {sorted[^1]:F2})");

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static async Task<(double Rate, double Processor)> MeasureAsync(ServerProcess server, int stepsPerFrame, int steps)
    {
        var (used, own) = (server.ProcessorTime, Environment.CpuUsage.TotalTime);
        var rate = await LoadGenerator.RunAsync(server.Address, null, Layers, stepsPerFrame, steps);
        // The store's last writes, and the copy's, come a little later; all servers get the same time for them.
        await Task.Delay(TimeSpan.FromSeconds(1));
        return (rate, (Environment.CpuUsage.TotalTime - own + server.ProcessorTime - used).TotalMicroseconds / steps);
    }

    private static async Task DrainedAsync(ServerProcess server)
    {
        using var http = new HttpClient();
        while (Waiting().Match(await http.GetStringAsync(new Uri(server.Pages!, "metrics"))) .Groups["count"].Value != "0")
        {
            await Task.Delay(100);
        }
    }

    [GeneratedRegex(@"^trainmon_influx_spool_batches (?<count>\d+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Waiting();
}
