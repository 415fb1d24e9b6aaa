using System.Globalization;
using TrainingMonitor.Evaluation.Reports;
using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Clocks;

/// <summary>What the clocks cost: the same runs, seed by seed, with and without.</summary>
internal static class ClockCost
{
    /// <summary>Adds the section.</summary>
    public static void Add(Report report, IReadOnlyList<ClockRun> runs)
    {
        report.Section("What they cost")
            .Paragraph("Digits, Adam, the same seeds with and without: change of the lowest held-out loss and of the highest held-out accuracy, paired by seed, with 95% intervals. 16 canaries are 1.6% of these 1000 examples; of 3200 and more they are 0.5%.");
        var table = new Table("wrong labels", "clocks", "lowest held-out loss, nats", "change", "highest accuracy", "change");
        foreach (var noise in new[] { 0, 0.2 })
        {
            var plain = Of(runs, noise, false, false);
            if (plain.Length == 0)
            {
                continue;
            }

            foreach (var (canaries, sentinels, words) in new[] { (false, false, "none"), (true, false, "canaries"), (false, true, "sentinels"), (true, true, "both") })
            {
                var with = Of(runs, noise, canaries, sentinels);
                table.Row(
                    $"{100 * noise:0}%", words, with.Average(r => r.Best.Loss), words == "none" ? "–" : Change(plain, with, r => r.Best.Loss),
                    with.Average(r => r.Best.Accuracy), words == "none" ? "–" : Change(plain, with, r => r.Best.Accuracy));
            }
        }

        report.Add(table);
    }

    /// <summary>Mean change with its interval, in words.</summary>
    public static string Change(ClockRun[] before, ClockRun[] after, Func<ClockRun, double> of)
    {
        var change = Mean([.. before.Join(after, r => r.Seed, r => r.Seed, (b, a) => of(a) - of(b))]);
        return $"{Signed(change.Value)} [{Signed(change.Low)}, {Signed(change.High)}]";
    }

    // Rounded first: a negative number that rounds to zero has a sign of its own.
    private static string Signed(double value) => (Math.Round(value, 3) + 0.0).ToString("+0.000;−0.000;0.000", CultureInfo.InvariantCulture);

    /// <summary>Runs of a cost cell.</summary>
    public static ClockRun[] Of(IReadOnlyList<ClockRun> runs, double noise, bool canaries, bool sentinels) =>
        [.. runs.Where(r => r.Cell == ClockSuite.CostName(noise, canaries, sentinels)).OrderBy(r => r.Seed)];

    private static Estimate Mean(double[] values)
    {
        if (values.Length < 2)
        {
            return Estimate.None;
        }

        var mean = values.Average();
        var error = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) / values.Length);
        var reach = MathNet.Numerics.Distributions.StudentT.InvCDF(0, 1, values.Length - 1, 0.975) * error;
        return new Estimate(mean, mean - reach, mean + reach);
    }
}
