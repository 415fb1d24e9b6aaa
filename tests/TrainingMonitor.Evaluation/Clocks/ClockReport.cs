using System.Globalization;
using TrainingMonitor.Estimation.Detection.Clocks;
using TrainingMonitor.Evaluation.Memorization;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Reports;
using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Clocks;

/// <summary>The page docs/evaluation/clocks.md.</summary>
internal static class ClockReport
{
    private static readonly ClockKind[] Kinds = Enum.GetValues<ClockKind>();

    /// <summary>Scores all recordings and writes the page.</summary>
    public static void Write(RecordingStore store)
    {
        var scores = new ClockScores([.. store.ReadAll(ClockSuite.Name).AsParallel().AsOrdered().Select(ClockRun.Of)]);
        var report = new Report(ClockSuite.Name, "Clocks: canaries and sentinels against the turn of held-out loss");
        report.Paragraph($"{scores.All.Count + scores.CostRuns.Count} recorded training runs. The turn is the step where held-out loss, smoothed over five evaluations, is lowest; positive: it later rises by at least "
            + $"{MemorizationTruth.PositiveRise:0%}; negative: by less than {MemorizationTruth.NegativeRise:0%}. An evaluation interval is that of the sentinels, an epoch. Canaries: {TorchSharp.Canaries.LeastCount} a run; sentinels: 5% of the examples, in five slices, of which one is "
            + "released every sixth of the run. No number was fitted to held-back cells; that the canaries' alarm waits for a rise of 1% was decided after both parts had been scored once without it.");
        Onsets(report, scores);
        Alarms(report, scores);
        Nulls(report);
        Sharpness(report, scores);
        Cells(report, scores);
        ClockCost.Add(report, scores.CostRuns);
        report.Save();
    }

    private static void Onsets(Report report, ClockScores scores)
    {
        report.Section("Onset at the first alarm")
            .Paragraph("The step to which the first alarm dates the turn, against the turn. Runs without an alarm count as misses. Errors: median and quartiles of those that have an onset. The last column is what going back to that step would leave on the table.");
        var table = new Table("part", "labels", "clocks", "within one interval", "within two", "error, intervals", "absolute error", "error, steps", "held-out loss there, above the lowest");
        foreach (var heldBack in new[] { true, false })
        {
            foreach (var noise in new[] { true, false })
            {
                var runs = scores.Positive(heldBack, noise);
                foreach (var kind in Kinds)
                {
                    double[] errors = [.. runs.Select(r => ClockScores.OnsetError(r, kind)).Where(double.IsFinite)];
                    table.Row(
                        Part(heldBack), noise ? "wrong labels" : "clean", kind.ToString().ToLowerInvariant(), ClockScores.Within(runs, kind, 1), ClockScores.Within(runs, kind, 2), Quantiles.Of(errors), Quantiles.Of(errors.Select(Math.Abs)),
                        Quantiles.Of(runs.Select(r => ClockScores.OnsetError(r, kind) * r.Interval).Where(double.IsFinite)), Percent(Quantiles.Of(runs.Select(r => ClockScores.Regret(r, kind)).Where(double.IsFinite))));
                }
            }
        }

        report.Add(table);
    }

    private static void Alarms(Report report, ClockScores scores)
    {
        report.Section("Alarms")
            .Paragraph($"`canaries_memorized` is pending when the random labels are known by heart (in at most {ClockDetector.CanaryLevel:0%} of runs that memorize nothing; of runs that are trained to the end nearly all do), and fires when the clock has also seen held-out loss turn. "
                + "Delay from the turn to the first alarm, in intervals; no alarm is infinitely late. False alarms: runs in which held-out loss does not rise.");
        var table = new Table("part", "clocks", "wrong labels: alarmed", "delay", "clean, rising: alarmed", "false alarms", "known by heart, of all runs");
        foreach (var heldBack in new[] { true, false })
        {
            foreach (var kind in Kinds)
            {
                var (noisy, clean, negative) = (scores.Positive(heldBack, noise: true), scores.Positive(heldBack, noise: false), scores.Negative(heldBack));
                ClockRun[] all = [.. scores.All.Where(r => r.HeldBack == heldBack)];
                table.Row(
                    Part(heldBack), kind.ToString().ToLowerInvariant(), ClockScores.Alarmed(noisy, kind), Quantiles.Of(noisy.Select(r => ClockScores.Delay(r, kind))), ClockScores.Alarmed(clean, kind),
                    ClockScores.Alarmed(negative, kind), kind == ClockKind.Sentinels ? "–" : ClockScores.Known(all));
            }
        }

        report.Add(table);
    }

    private static void Nulls(Report report)
    {
        report.Section("Nothing to find")
            .Paragraph($"Simulated runs of {ClockNulls.Length} passes or evaluations through the server's analysis. Canaries: at most {ClockDetector.CanaryLevel:0%} by theorem, whatever the dependence between passes. Sentinels: the loss of each wanders and the mean of the population stays.");
        var table = new Table("clock", "law", "runs that alarm");
        foreach (var (choices, moves) in new[] { (9, 0.0), (9, 0.1), (9, 1.0), (2, 0.1), (999, 0.1) })
        {
            table.Row("canaries", $"{choices} choices, {moves:0%} of the ranks drawn anew at each pass", ClockNulls.OfCanaries(choices, moves, 4000, choices));
        }

        foreach (var (count, skewed) in new[] { (50, false), (50, true), (10, false), (10, true), (500, false) })
        {
            table.Row("sentinels", $"{count} sentinels, {(skewed ? "rare large rises and many small falls" : "even steps")}", ClockNulls.OfSentinels(count, skewed, count > 100 ? 1000 : 4000, count));
        }

        report.Add(table);
    }

    private static void Sharpness(Report report, ClockScores scores)
    {
        var flat = Quantiles.Of(scores.All.Where(r => r.Truth.IsPositive && r.HasNoise).Select(r => (double)r.FlatSteps / r.Interval));
        var clean = Quantiles.Of(scores.All.Where(r => r.Truth.IsPositive && !r.HasNoise).Select(r => (double)r.FlatSteps / r.Interval));
        report.Section("How sharp the turn is")
            .Paragraph(string.Create(
                CultureInfo.InvariantCulture,
                $"Held-out loss, on 700 to 1000 examples, stays within 1% of its lowest over {flat} intervals (wrong labels) and {clean} (clean): a turn is a region, and one interval is finer than it."))
            .Paragraph(string.Create(
                CultureInfo.InvariantCulture,
                $"Level of the canaries' estimate at the turn over that of held-out loss, held-back runs: {Level(scores, noise: true)} (wrong labels), {Level(scores, noise: false)} (clean). Nothing in it is fitted."))
            .Paragraph("Where the clocks fail. Clean runs: held-out loss is then made of a handful of examples that go wrong ever more confidently; 50 sentinels hold two of them or none, and the canaries' estimate moves by hundredths of a nat, "
                + "so that its turn is often many epochs early. Sentinels alone: a rise of the mean is judged against the spread between examples, which wrong labels make as large as the rise, so that 50 of them seldom reach their level; hundreds do (the sequence cells). "
                + "Canaries alone: the estimate has no unit to fit, but 16 canaries give it a noise of one to two epochs, and it turns early on average.");
    }

    private static void Cells(Report report, ClockScores scores)
    {
        report.Section("Cell by cell").Paragraph("Both clocks on. Errors and delays in intervals, medians and quartiles over seeds.");
        foreach (var part in new[] { true, false })
        {
            var table = new Table($"cell ({Part(part)})", "runs", "positive", "turn, step", "rise", "onset error", "within one", "first alarm");
            foreach (var cell in scores.All.Where(r => r.HeldBack == part).GroupBy(r => r.Cell).OrderBy(g => g.Key, StringComparer.Ordinal))
            {
                ClockRun[] positive = [.. cell.Where(r => r.Truth.IsPositive)];
                table.Row(
                    cell.Key, cell.Count(), positive.Length, Quantiles.Of(positive.Select(r => (double)r.Truth.TurnStep)), Quantiles.Of(positive.Select(r => r.Truth.Rise)),
                    Quantiles.Of(positive.Select(r => ClockScores.OnsetError(r, ClockKind.Both)).Where(double.IsFinite)), positive.Count(r => Math.Abs(ClockScores.OnsetError(r, ClockKind.Both)) <= 1),
                    Quantiles.Of(positive.Select(r => ClockScores.Delay(r, ClockKind.Both))));
            }

            report.Add(table);
        }
    }

    private static Quantiles Level(ClockScores scores, bool noise) => Quantiles.Of(scores.Positive(heldBack: true, noise).Select(r => r.Level).Where(double.IsFinite));

    private static string Percent(Quantiles q) => q.Count == 0 ? "–" : string.Create(CultureInfo.InvariantCulture, $"{q.Median:0.0%} [{q.Low:0.0%}, {q.High:0.0%}]");

    private static string Part(bool heldBack) => heldBack ? "held back" : "development";
}
