using System.Globalization;
using TrainingMonitor.TorchSharp;
using static TorchSharp.torch;

namespace TrainingMonitor.Benchmarks.Overhead;

/// <summary>The default budget's cost, to a percent, where a step takes a fraction of a millisecond and the machine's moods are larger than what is looked for. Several copies of a model
/// train with the monitor and as many without, a block of steps each in random order, so that moods fall on both alike; several copies, because where a copy's memory lies alone moves its
/// time by percents. The ratio is that of all time watched over all time not watched, with its standard error over the copies. A null row, copies that are not watched over others that are not, says what the method itself is worth.</summary>
internal static class BudgetRun
{
    private const int Copies = 6;
    private const double BlockSeconds = 0.02;
    private const double SettleSeconds = 2;

    // A watch takes the time from step to step for the step's: the others' turns in between must be few, or its budget is of their time too.
    private const int LeastBlock = 32;

    /// <summary>Measures and writes a Markdown table.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="seconds">Time of a row.</param>
    /// <param name="name">Of the model; the large one trains on all of torch's threads, the others on one.</param>
    public static void Run(TextWriter output, double seconds, string name)
    {
        var model = OverheadRun.Models.Single(m => m.Name == name);
        if (name != "large")
        {
            set_num_threads(1);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}, {Environment.ProcessorCount} cores, {get_num_threads()} torch threads, {Copies} copies each way, {seconds} s a row."));
        output.WriteLine();
        output.WriteLine("| optimizer | ms a step alone | default budget: ratio ± standard error | not watched: ratio ± standard error | measured by the monitor | schedule |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (var (optimizer, make) in OverheadRun.Optimizers)
        {
            Measure(output, optimizer, make, seconds, model.Widths, model.Batch);
        }
    }

    private static void Measure(TextWriter output, string name, Func<nn.Module, optim.Optimizer> make, double seconds, int[] widths, int batch)
    {
        // Three groups in turn: not watched, watched, and not watched again.
        var cases = Enumerable.Range(0, 3 * Copies).Select(i => new OverheadCase(name, widths, batch, make, i % 3 == 1 ? new WatchOptions() : null)).ToArray();
        var perStep = PerStep(cases[0]);
        var steps = Math.Max(LeastBlock, (int)(BlockSeconds / perStep));
        foreach (var one in cases)
        {
            one.Block(Math.Clamp((int)(SettleSeconds / perStep), 32, 4096)); // compile, and let the schedule settle
            one.Sink.Forget();
        }

        var times = new double[cases.Length];
        var random = new Random(1);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var rounds = 0;
        for (; clock.Elapsed.TotalSeconds < seconds; rounds++)
        {
            var order = Enumerable.Range(0, cases.Length).ToArray();
            random.Shuffle(order);
            foreach (var k in order)
            {
                times[k] += cases[k].Block(steps).Wall;
            }
        }

        double[] none = Group(0), watched = Group(1), again = Group(2);
        var own = 1 + (cases.Where((_, i) => i % 3 == 1).Sum(c => c.Sink.MonitorSeconds) / none.Concat(again).Average() / Copies);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {1000 * none.Average() / rounds / steps:0.000} | {Ratio(watched, [.. none, .. again])} | {Ratio(again, none)} | {own:0.000} | {cases[1].Schedule} |"));
        output.Flush();
        foreach (var one in cases)
        {
            one.Dispose();
        }

        double[] Group(int group) => [.. times.Where((_, i) => i % 3 == group)];
    }

    private static double PerStep(OverheadCase one)
    {
        one.Block(16);
        return one.Block(16).Wall / 16;
    }

    // Relative errors of two independent means add in squares.
    private static string Ratio(double[] above, double[] below)
    {
        var ratio = above.Average() / below.Average();
        return string.Create(CultureInfo.InvariantCulture, $"{ratio:0.000} ± {ratio * Math.Sqrt(RelativeVariance(above) + RelativeVariance(below)):0.000}");
    }

    private static double RelativeVariance(double[] values)
    {
        var mean = values.Average();
        return values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) / values.Length / (mean * mean);
    }
}
