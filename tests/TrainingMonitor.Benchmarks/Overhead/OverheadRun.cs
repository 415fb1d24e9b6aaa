using System.Globalization;
using TrainingMonitor.TorchSharp;
using static TorchSharp.torch;

namespace TrainingMonitor.Benchmarks.Overhead;

/// <summary>Training time with the monitor over training time without, interleaved block by block in one process, so that the machine's moods hit both alike.
/// A row gives the median over rounds of its block's time over the unwatched block of the same round, with the quartiles, and the ratio of the totals, which a rare
/// expensive step cannot hide from; both also for processor time, which other programs on the machine disturb less. With "one-thread" torch has one thread and does not spin, so that
/// processor time is work.</summary>
internal static class OverheadRun
{
    /// <summary>Models by name, and the steps of a block.</summary>
    internal static readonly (string Name, int[] Widths, int Batch, int Steps)[] Models =
    [
        ("large", [784, 2048, 1664, 10], 256, 16),
        ("medium", [64, 256, 256, 10], 50, 512),
        ("small", [64, 128, 10], 32, 2048),
    ];

    /// <summary>Optimizers by name.</summary>
    internal static readonly (string Name, Func<nn.Module, optim.Optimizer> Make)[] Optimizers =
    [
        ("adam", m => optim.Adam(m.parameters(), 1e-4)),
        ("sgd", m => optim.SGD(m.parameters(), 1e-3)),
        ("momentum", m => optim.SGD(m.parameters(), 1e-3, momentum: 0.9)),
    ];

    /// <summary>Measures and writes a Markdown table.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="words">Names of models and optimizers, and a number of rounds; what is not named is all, and 15.</param>
    public static void Run(TextWriter output, IReadOnlyList<string> words)
    {
        var rounds = words.Select(w => int.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0).FirstOrDefault(n => n > 0, 15);
        if (words.Contains("one-thread"))
        {
            set_num_threads(1);
        }

        output.WriteLine($"{Environment.ProcessorCount} cores, {get_num_threads()} torch threads, {rounds} rounds.");
        output.WriteLine();
        output.WriteLine("| model | optimizer | watched | ms a step alone | median ratio (quartiles) | of totals | processor time: median (quartiles) | of totals | measured by the monitor | schedule |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var model in Models.Where(m => Wanted(words, m.Name, Models.Select(o => o.Name))))
        {
            foreach (var optimizer in Optimizers.Where(o => Wanted(words, o.Name, Optimizers.Select(p => p.Name))))
            {
                Measure(output, model, optimizer, rounds);
            }
        }
    }

    private static bool Wanted(IReadOnlyList<string> words, string name, IEnumerable<string> all) => words.Contains(name) || !all.Any(words.Contains);

    private static void Measure(
        TextWriter output, (string Name, int[] Widths, int Batch, int Steps) model, (string Name, Func<nn.Module, optim.Optimizer> Make) optimizer, int rounds)
    {
        var cases = new List<OverheadCase>
        {
            Case("no", null),
            Case("cheap set every step", new WatchOptions { PairInterval = 1, ExactInterval = 0 }),
            Case("cheap every step, exact and lag every 16", new WatchOptions { PairInterval = 1, ExactInterval = 16 }),
            Case("default budget (1%)", new WatchOptions()),
        };
        foreach (var one in cases)
        {
            one.Block(2 * model.Steps); // compile, and let the schedule settle
            one.Sink.Forget();
        }

        var times = cases.Select(_ => new List<(double Wall, double Processor)>()).ToList();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < cases.Count; i++)
            {
                var k = (i + round) % cases.Count;
                times[k].Add(cases[k].Block(model.Steps));
            }
        }

        var alone = 1000 * Quantile(times[0].Select(t => t.Wall), 0.5) / model.Steps;
        for (var i = 1; i < cases.Count; i++)
        {
            var own = 1 + (cases[i].Sink.MonitorSeconds / times[0].Sum(t => t.Wall));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {model.Name} ({cases[i].Parameters:N0}, batch {model.Batch}) | {optimizer.Name} | {cases[i].Name} | {alone:0.000} | {Ratios(times, i, t => t.Wall)} | {Ratios(times, i, t => t.Processor)} | {own:0.000} | {cases[i].Schedule} |"));
        }

        output.Flush();
        foreach (var one in cases)
        {
            one.Dispose();
        }

        OverheadCase Case(string name, WatchOptions? options) => new(name, model.Widths, model.Batch, optimizer.Make, options);
    }

    private static string Ratios(List<List<(double Wall, double Processor)>> times, int row, Func<(double Wall, double Processor), double> of)
    {
        var ratios = times[row].Zip(times[0], (a, b) => of(a) / of(b)).ToList();
        return string.Create(CultureInfo.InvariantCulture,
            $"{Quantile(ratios, 0.5):0.000} ({Quantile(ratios, 0.25):0.000}–{Quantile(ratios, 0.75):0.000}) | {times[row].Sum(of) / times[0].Sum(of):0.000}");
    }

    private static double Quantile(IEnumerable<double> values, double q)
    {
        var sorted = values.Order().ToList();
        return sorted[(int)Math.Round(q * (sorted.Count - 1))];
    }
}
