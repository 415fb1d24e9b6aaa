using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Reports;
using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Grokking;

/// <summary>The page docs/evaluation/grokking.md.</summary>
internal static class GrokkingReport
{
    /// <summary>Memorization times after memorization at which scores are read.</summary>
    public const double Ages = 3;

    /// <summary>Writes the page and its plots.</summary>
    public static void Write(RecordingStore store)
    {
        var runs = store.ReadAll(GrokkingSuite.Name).Select(GrokkingRun.Of).ToList();
        var scores = new GrokkingScores(runs);
        var report = new Report(GrokkingSuite.Name, "Grokking: on its way, and when");
        report.Paragraph("Modular arithmetic. A run is positive where it memorized (training accuracy 99%) and later generalized (held-out accuracy 95% at three evaluations in a row) within its budget of steps; all others are negative, "
            + "those whose generalization was under way when the budget ended among them. Development and held-back cells differ in configuration; the detector was made on the development part.");
        Pool(report, runs);
        AddRanking(report, scores);
        Alarms(report, scores);
        Forecasts(report, scores);
        Cells(report, runs);
        report.Save();
    }

    private static void Pool(Report report, List<GrokkingRun> runs)
    {
        var table = new Table("part", "kind", "cells", "runs", "memorized", "generalized later", "held-out accuracy above 20% at the end, not generalized");
        foreach (var group in runs.GroupBy(run => (run.Header.HeldBack, run.Kind)).OrderBy(group => group.Key))
        {
            table.Row(
                Part(group.Key.HeldBack), group.Key.Kind, group.Select(run => run.Header.Cell).Distinct(StringComparer.Ordinal).Count(), group.Count(), group.Count(run => run.Truth.MemorizedStep >= 0),
                group.Count(run => run.Truth.Grokked), group.Count(run => run.IsPartial));
        }

        report.Section("Runs").Add(table);
    }

    private static void AddRanking(Report report, GrokkingScores scores)
    {
        report.Section("Which runs will generalize").Paragraph(
            $"Scores of a run: its value {Ages:0} memorization times after memorization (or just before generalization or the end), and its highest value from memorization until then. A baseline is read in the way (level or "
            + "change since memorization, high or low) that ranks the development part best; AUROC and average precision with 95% intervals are of the held-back part.");
        var table = new Table("score", "AUROC, development", "AUROC", "AUPRC", "AUROC of the highest so far");
        var plot = new Plot("Grokking: held-back runs", "false positive rate", "true positive rate");
        foreach (var score in scores.Chosen())
        {
            table.Row(score.Name, Ranking.Auroc(scores.At(score, false)), Ranking.Auroc(scores.At(score, true)), Ranking.Auprc(scores.At(score, true)), Ranking.Auroc(scores.Highest(score, true)));
            plot.Line(score.Name, Ranking.RocCurve(scores.At(score, true)).Select(p => (p.FalsePositive, p.TruePositive)));
        }

        report.Add(table).Add("roc", "ROC curves of the detector and of the baselines", plot);
    }

    private static void Alarms(Report report, GrokkingScores scores)
    {
        report.Section("Alarms").Paragraph(
            "True positives: `grokking_on_its_way` (or, where the climb was too fast for it, `grokking`) before generalization. Lead: from that alarm to generalization as a share of the time from memorization to generalization, median [quartiles]. "
            + "False positives: the same alarm on a negative run, by kind. *Stays*: `memorization_stays` fired and stood at the end. Intervals: 95%, Clopper–Pearson.");
        var table = new Table("part", "runs", "on its way", "lead", "stays");
        foreach (var heldBack in new[] { false, true })
        {
            var positives = scores.Positives(heldBack);
            table.Row(Part(heldBack), "positive", Proportion.Of(positives, run => run.IsForewarned), Quantiles.Of(positives.Where(run => run.IsForewarned).Select(run => run.Lead)), Proportion.Of(positives, run => run.Stays));
            var negatives = scores.Negatives(heldBack);
            table.Row(Part(heldBack), "negative, all", Proportion.Of(negatives, run => run.Alarm is not null), "", Proportion.Of(negatives, run => run.Stays));
            foreach (var kind in negatives.GroupBy(run => run.Kind).OrderBy(group => group.Key))
            {
                var some = kind.ToList();
                table.Row(Part(heldBack), $"negative, {(kind.Key is GrokkingKind.Generalizes ? "not done in its budget" : kind.Key)}", Proportion.Of(some, run => run.Alarm is not null), "", Proportion.Of(some, run => run.Stays));
            }
        }

        var plot = new Plot("Lead of the alarm", "lead as a share of memorization to generalization", "share of the positive runs");
        foreach (var heldBack in new[] { false, true })
        {
            var leads = scores.Positives(heldBack).Select(run => run.IsForewarned ? run.Lead : 0).OrderDescending().ToList();
            plot.Line(Part(heldBack), leads.Select((lead, i) => (lead, (i + 1.0) / leads.Count)));
        }

        report.Add(table).Add("lead", "Share of runs warned with at least a lead", plot);
    }

    private static void Forecasts(Report report, GrokkingScores scores)
    {
        report.Section("When").Paragraph(
            "Forecasts of the step of generalization, made with the first alarm, on positive held-back runs that had one. Error and width are shares of the steps that were left, median [quartiles]. The rivals' constants and intervals are "
            + "conformal ones of the development part, as are the detector's.");
        var table = new Table("forecast", "runs", "error", "80% interval holds", "width", "mean width, steps");
        var plot = new Plot("Forecast with the first alarm, held-back runs", "steps left", "steps left, forecast");
        foreach (var (name, outcomes) in scores.Forecasts(heldBack: true))
        {
            table.Row(
                name, outcomes.Count, Quantiles.Of(outcomes.Select(o => o.Error)), Proportion.Of(outcomes, o => o.Covers), Quantiles.Of(outcomes.Select(o => o.Width)), outcomes.Select(o => o.High - o.Low).DefaultIfEmpty(double.NaN).Average());
            plot.Points(name, outcomes.Select(o => (o.Left, o.Step - o.Run.Alarm!.Step)));
        }

        report.Add(table).Add("forecast", "Forecast against true steps left", plot);
    }

    private static void Cells(Report report, List<GrokkingRun> runs)
    {
        var table = new Table("cell", "part", "runs", "memorized at", "generalized", "at", "on its way", "at", "lead", "interval holds", "stays");
        foreach (var cell in runs.GroupBy(run => run.Header.Cell, StringComparer.Ordinal).OrderBy(cell => cell.First().Header.HeldBack).ThenBy(cell => cell.Key, StringComparer.Ordinal))
        {
            var all = cell.ToList();
            var warned = all.Where(run => run.IsForewarned).ToList();
            table.Row(
                cell.Key, Part(all[0].Header.HeldBack), all.Count, Quantiles.Of(all.Where(run => run.Truth.MemorizedStep >= 0).Select(run => (double)run.Truth.MemorizedStep)).Median,
                all.Count(run => run.Truth.Grokked), Quantiles.Of(all.Where(run => run.Truth.Grokked).Select(run => (double)run.Truth.GeneralizedStep)), all.Count(run => run.Alarm is not null),
                Quantiles.Of(all.Where(run => run.Alarm is not null).Select(run => (double)run.Alarm!.Step)).Median, Quantiles.Of(warned.Select(run => run.Lead)).Median,
                $"{warned.Count(run => ForecastOutcome.Of(run).Covers)}/{warned.Count}", all.Count(run => run.Stays));
        }

        report.Section("Cell by cell").Add(table);
    }

    private static string Part(bool heldBack) => heldBack ? "held back" : "development";
}
