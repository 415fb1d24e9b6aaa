using TrainingMonitor.Estimation.Detection.Memorization;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Reports;
using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Memorization;

/// <summary>The page docs/evaluation/memorization.md.</summary>
internal static class MemorizationReport
{
    private static readonly double[] RunLengths = [1e3, 1e4, 1e6];

    /// <summary>Scores all recordings and writes the page.</summary>
    public static void Write(RecordingStore store)
    {
        MemorizationRun[] runs = [.. store.ReadAll(MemorizationSuite.Name).AsParallel().AsOrdered().Select(MemorizationReader.Read)];
        var report = new Report(MemorizationSuite.Name, "Memorization: onset without a validation set");
        report.Paragraph($"{runs.Length} recorded training runs. Positive: smoothed held-out loss later rises by at least {MemorizationTruth.PositiveRise:0%} of its lowest; negative: by less than {MemorizationTruth.NegativeRise:0%}; runs in between count as neither. "
            + "Held-out examples come from the distribution of the training set, its label noise included. Delays run from the step of the lowest held-out loss.");
        Counts(report, runs);
        var scores = new MemorizationScores(runs);
        Discrimination(report, scores);
        Alarms(report, scores);
        Silent(report, scores);
        Delays(report, scores);
        Cells(report, scores);
        report.Save();
    }

    private static void Counts(Report report, MemorizationRun[] runs)
    {
        var table = new Table("part", "cells", "runs", "positive", "negative", "between", "detector cannot tell");
        foreach (var part in runs.GroupBy(r => r.HeldBack).OrderBy(g => g.Key))
        {
            table.Row(
                Part(part.Key), part.Select(r => r.Cell).Distinct(StringComparer.Ordinal).Count(), part.Count(), part.Count(r => r.Truth.IsPositive), part.Count(r => r.Truth.IsNegative),
                part.Count(r => !r.Truth.IsPositive && !r.Truth.IsNegative), part.Count(r => r.CannotTell));
        }

        report.Add(table);
    }

    private static void Discrimination(Report report, MemorizationScores scores)
    {
        report.Section("Do statistics tell positive runs from negative ones?")
            .Paragraph("Each run's score is the highest value of the statistic. Baselines point in the direction that does better on the development part. Intervals: 95%.");
        var table = new Table("statistic", "AUROC, development", "AUROC, held back", "AUPRC, held back");
        var plot = new Plot("Positive against negative runs, held-back part", "false positive rate", "true positive rate");
        foreach (var name in scores.Statistics)
        {
            var heldBack = scores.Runs(name, heldBack: true);
            table.Row(name, Ranking.Auroc(scores.Runs(name, heldBack: false)), Ranking.Auroc(heldBack), Ranking.Auprc(heldBack));
            plot.Line(name, Ranking.RocCurve(heldBack));
        }

        report.Add(table).Add("roc", "ROC curves of the detector and the baselines", plot);
    }

    private static void Alarms(Report report, MemorizationScores scores)
    {
        report.Section("Alarms")
            .Paragraph($"The detector's threshold is its own (average run length 10⁴); that of a baseline is the lowest with at most {MemorizationScores.FalsePositiveRate:0%} false positives on the development part. "
                + "An alarm more than two epochs and a twentieth of the run before the turn is no detection. Delay in epochs, median and quartiles over positive runs; a run without an alarm is infinitely late.");
        var table = new Table("statistic", "threshold", "TPR, held back", "FPR, held back", "too early", "delay, epochs");
        foreach (var name in scores.Statistics)
        {
            var alarms = scores.Alarms(name, heldBack: true);
            table.Row(name, alarms.Threshold, alarms.TruePositives, alarms.FalsePositives, alarms.TooEarly, alarms.DelayInEpochs);
        }

        report.Add(table)
            .Paragraph($"No later than the validation rule (n/20 examples, threshold as above), of the held-back positive runs: {scores.NoLaterThan(MemorizationReader.ValidationRule, heldBack: true)}. "
                + $"An oracle that knows the law of the same statistic before and after the turn (the bound below, average run length 10⁴) is no later than the rule in {scores.BoundNoLaterThan(MemorizationReader.ValidationRule, heldBack: true, _ => true)}, and of the runs in which the detector is later, in {scores.BoundNoLaterWhereLate(MemorizationReader.ValidationRule, heldBack: true)}.");
    }

    private static void Silent(Report report, MemorizationScores scores)
    {
        MemorizationRun[] silent = [.. scores.All.Where(r => r.HeldBack && r.CannotTell)], positive = [.. scores.All.Where(r => r.HeldBack && r.Truth.IsPositive)];
        report.Section("Where the detector says that it cannot tell")
            .Paragraph($"Full batches (no example is outside), too few batches an epoch to separate the overlap, and runs that have fit their training set ({MemorizationBalance.FitShare:0%} of the loss at the start) without harm of note. Held back: {silent.Length} runs in "
                + $"{silent.Select(r => r.Cell).Distinct(StringComparer.Ordinal).Count()} cells; they are left out of the tables above, baselines included. Were this answer counted as silence, the detector would find {Proportion.Of(positive, r => !r.CannotTell && MemorizationScores.IsDetected(r, MemorizationScores.Alarm(r)))} of all positive runs. "
                + "What the baselines do on these runs, thresholds as above:");
        var table = new Table("statistic", "TPR, held back", "FPR, held back", "too early");
        foreach (var name in scores.Statistics.Skip(1))
        {
            var alarms = scores.AlarmsWhereSilent(name, heldBack: true);
            table.Row(name, alarms.TruePositives, alarms.FalsePositives, alarms.TooEarly);
        }

        report.Add(table);
    }

    private static void Delays(Report report, MemorizationScores scores)
    {
        report.Section("Delay and average run length")
            .Paragraph("The bound is ln(ARL)/KL of an oracle that knows the law of the same statistic before and after the turn. Runs without an alarm count as infinitely late, runs without a finite bound are left out of the ratio.");
        var table = new Table("ARL", "TPR", "delay, steps", "bound, steps", "delay over bound, median [quartiles]");
        var plot = new Plot("Delay of the alarm, held-back positive runs", "epochs after the lowest held-out loss", "share of runs");
        foreach (var length in RunLengths)
        {
            var delays = scores.Delays(length, heldBack: true);
            table.Row($"{length:0}", delays.TruePositives, delays.Steps, delays.Bound, delays.Ratio);
            double[] sorted = [.. delays.Epochs.Order()];
            plot.Line($"ARL {length:0}", sorted.Select((epoch, i) => (epoch, (i + 1.0) / sorted.Length)));
        }

        report.Add(table).Add("delay", "Distribution of the delays at three average run lengths", plot);
    }

    private static void Cells(Report report, MemorizationScores scores)
    {
        report.Section("Cell by cell").Paragraph("At average run length 10⁴.");
        foreach (var part in new[] { true, false })
        {
            var table = new Table($"cell ({Part(part)})", "runs", "positive", "detected", "negative", "false alarms", "between, alarmed", "cannot tell", "delay, epochs");
            foreach (var cell in scores.All.Where(r => r.HeldBack == part).GroupBy(r => r.Cell).OrderBy(g => g.Key, StringComparer.Ordinal))
            {
                MemorizationRun[] positive = [.. cell.Where(r => r.Truth.IsPositive)], negative = [.. cell.Where(r => r.Truth.IsNegative)], between = [.. cell.Where(r => !r.Truth.IsPositive && !r.Truth.IsNegative)];
                table.Row(
                    cell.Key, cell.Count(), positive.Length, positive.Count(r => MemorizationScores.IsDetected(r, MemorizationScores.Alarm(r))), negative.Length,
                    negative.Count(r => MemorizationScores.Alarm(r) is not null), between.Count(r => MemorizationScores.Alarm(r) is not null), cell.Count(r => r.CannotTell),
                    Quantiles.Of(positive.Select(r => r.DelayOf(MemorizationScores.Alarm(r)) / r.StepsPerEpoch)));
            }

            report.Add(table);
        }
    }

    private static string Part(bool heldBack) => heldBack ? "held back" : "development";
}
