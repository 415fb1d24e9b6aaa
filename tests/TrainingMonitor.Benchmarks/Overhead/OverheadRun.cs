using System.Globalization;
using TrainingMonitor.TorchSharp;
using static TorchSharp.torch;

namespace TrainingMonitor.Benchmarks.Overhead;

/// <summary>Training time with the monitor over training time without, interleaved block by block in one process, so that the machine's moods hit both alike.
/// The ratio of a row is the median over rounds of its block's time over the unwatched block of the same round, with the quartiles.</summary>
internal static class OverheadRun
{
    /// <summary>Measures all rows and writes them as a Markdown table.</summary>
    public static void Run(TextWriter output, int rounds = 15)
    {
        output.WriteLine($"{Environment.ProcessorCount} cores, {get_num_threads()} torch threads, {rounds} rounds.");
        output.WriteLine();
        output.WriteLine("| model | optimizer | watched | ms a step alone | ratio (quartiles) | schedule |");
        output.WriteLine("|---|---|---|---|---|---|");
        Measure(output, "5M MLP, batch 256", [784, 2048, 1664, 10], 256, "Adam", m => optim.Adam(m.parameters(), 1e-4), 16, rounds);
        Measure(output, "5M MLP, batch 256", [784, 2048, 1664, 10], 256, "SGD momentum", m => optim.SGD(m.parameters(), 1e-3, momentum: 0.9), 16, rounds);
        Measure(output, "85k MLP, batch 50", [64, 256, 256, 10], 50, "Adam", m => optim.Adam(m.parameters(), 1e-4), 400, rounds);
    }

    private static void Measure(
        TextWriter output, string model, int[] widths, int batch, string optimizer, Func<nn.Module, optim.Optimizer> make, int steps, int rounds)
    {
        var cases = new List<OverheadCase>
        {
            new("no", widths, batch, make, null),
            new("cheap set every step", widths, batch, make, new WatchOptions { PairInterval = 1, ExactInterval = 0 }),
            new("cheap every step, exact every 16", widths, batch, make, new WatchOptions { PairInterval = 1, ExactInterval = 16 }),
            new("default budget (1%)", widths, batch, make, new WatchOptions()),
        };
        foreach (var one in cases)
        {
            one.Block(steps * 4); // compile, and let the schedule settle
        }

        var times = cases.Select(_ => new List<double>()).ToList();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < cases.Count; i++)
            {
                var k = (i + round) % cases.Count;
                times[k].Add(cases[k].Block(steps));
            }
        }

        var alone = 1000 * Quantile(times[0], 0.5) / steps;
        for (var i = 1; i < cases.Count; i++)
        {
            var ratios = times[i].Zip(times[0], (a, b) => a / b).ToList();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {model} ({cases[i].Parameters:N0}) | {optimizer} | {cases[i].Name} | {alone:0.00} | {Quantile(ratios, 0.5):0.000} ({Quantile(ratios, 0.25):0.000}–{Quantile(ratios, 0.75):0.000}) | {cases[i].Schedule} |"));
        }

        foreach (var one in cases)
        {
            one.Dispose();
        }
    }

    private static double Quantile(IEnumerable<double> values, double q)
    {
        var sorted = values.Order().ToList();
        return sorted[(int)Math.Round(q * (sorted.Count - 1))];
    }
}
