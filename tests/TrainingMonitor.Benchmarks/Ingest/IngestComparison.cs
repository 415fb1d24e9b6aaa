using System.Globalization;
using System.Text;

namespace TrainingMonitor.Benchmarks.Ingest;

/// <summary>Durable ingest against the bare sink, in turn, in one run: each server a process of its own, the load generator this process, all on the same cores.
/// Both servers stay up and are warmed alike, so that neither round measures the JIT.</summary>
internal static class IngestComparison
{
    private const string Head =
        """
        | steps a frame | round | bare, steps/s | durable, steps/s | ratio | bare, CPU µs/step (client + server) | durable, CPU µs/step (client + server) | CPU ratio | durable, KiB allocated/step |
        |---|---|---|---|---|---|---|---|---|

        """;

    public static async Task<string> RunAsync(int rounds, int layers, int steps)
    {
        var report = new StringBuilder(Head);
        foreach (var stepsPerFrame in new[] { 1, 8 })
        {
            await using var bare = await ServerProcess.StartAsync("bare-sink");
            await using var durable = await ServerProcess.StartAsync("server");
            var (ratios, processor) = (new List<double>(), new List<double>());
            for (var round = -2; round <= rounds; round++)
            {
                var b = await MeasureAsync(bare, layers, stepsPerFrame, steps);
                var d = await MeasureAsync(durable, layers, stepsPerFrame, steps);
                if (round < 1)
                {
                    continue; // the JIT's turn, three times
                }

                ratios.Add(d.Rate / b.Rate);
                processor.Add((b.Client + b.Server) / (d.Client + d.Server));
                report.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"| {stepsPerFrame} | {round} | {b.Rate:N0} | {d.Rate:N0} | {ratios[^1]:F2} | {b.Client:F0} + {b.Server:F0} | {d.Client:F0} + {d.Server:F0} | {processor[^1]:F2} | {d.Allocated / 1024:F1} |");
            }

            report.AppendLine(CultureInfo.InvariantCulture, $"| {stepsPerFrame} | median | | | **{Median(ratios):F2}** | | | **{Median(processor):F2}** | |");
        }

        return report.ToString();
    }

    private static async Task<Figures> MeasureAsync(ServerProcess server, int layers, int stepsPerFrame, int steps)
    {
        var (allocated, used, own) = (await server.AllocatedAsync(), server.ProcessorTime, Environment.CpuUsage.TotalTime);
        var rate = await LoadGenerator.RunAsync(server.Address, null, layers, stepsPerFrame, steps);
        return new Figures(
            rate,
            (Environment.CpuUsage.TotalTime - own).TotalMicroseconds / steps,
            (server.ProcessorTime - used).TotalMicroseconds / steps,
            (double)(await server.AllocatedAsync() - allocated) / steps);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private sealed record Figures(double Rate, double Client, double Server, double Allocated);
}
