using System.Globalization;
using TrainingMonitor.Estimation;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Reports;
using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Stability;

/// <summary>docs/evaluation/stability.md.</summary>
internal static class StabilityReport
{
    private static readonly StabilityRegime[] Calls =
        [StabilityRegime.Stable, StabilityRegime.ProgressiveSharpening, StabilityRegime.InBetween, StabilityRegime.AtTheEdge, StabilityRegime.Beyond, StabilityRegime.Unknown];

    /// <summary>Scores and writes.</summary>
    public static void Write(string? folder = null)
    {
        var runs = RecordingStore.OfSources().ReadAll(StabilitySuite.Name).Select(r => new StabilityScore(r)).ToList();
        var report = new Report(StabilitySuite.Name, "Edge of stability", folder).Paragraph(
            """
            Real runs with probes as a user would set them: every 20 steps, 20 Lanczos iterations on a random quarter of the training examples and 8 with all of them, batch sharpness of
            fresh batches (4096 examples in all, at most 128 batches). Exact values come from all training examples: λ_max (of P⁻¹H for Adam and RMSProp) by Lanczos to a residual of 10⁻⁴, batch sharpness from 200 other batches with its own
            standard error. The truth of the regime is the sign of the Lyapunov exponent of the optimizer's recursion, linearized along the run on the run's own batches, in the sharp space
            (`docs/design/090-truth-of-the-edge-of-stability.md`); within ±min(0.04, −ln β/4) a step it counts as zero, at the edge. A window is 200 steps; the call is the series `stability_regime` at its end. "In
            between" is right where the exact batch sharpness lies between the two plateaus of momentum SGD. The exponent of a window is the mean of ten and has their standard error: where that reaches across the border between stable
            and at the edge, the truth is undecided, and the window is counted in the column of all windows only. λ_max is always that of the loss on training data. For sgd and momentum the sharpness scored is the batch sharpness, whose probe and exact value both have sampling errors of about 2%.
            """);
        foreach (var heldBack in new[] { true, false })
        {
            var part = runs.Where(r => r.Recording.Header.HeldBack == heldBack).ToList();
            if (part.Count == 0)
            {
                continue;
            }

            report.Section(heldBack ? "Held-back configurations" : "Development configurations");
            report.Add(ByOptimizer(part));
            report.Paragraph(Targets(part));
            report.Paragraph("What was called (columns) against the truth (rows), windows:");
            report.Add(Confusion(part));
            report.Paragraph("Run by run:");
            report.Add(ByRun(part));
        }

        report.Section("Wrong calls");
        report.Add(Failures(runs));
        report.Section("Sharpness over its threshold, one run of each optimizer");
        foreach (var run in runs.Where(r => r.Recording.Header.HeldBack).GroupBy(r => r.Optimizer).Select(g => g.First()))
        {
            report.Add(run.Optimizer, $"{run.Recording.Header.Cell}: probe with its interval, exact value", run.ToPlot());
        }

        report.Save();
    }

    private static string Targets(List<StabilityScore> runs)
    {
        var optimizers = runs.GroupBy(r => r.Optimizer).ToList();
        var right = optimizers.Count(g => g.SelectMany(r => r.Windows).Where(w => w.IsDecided).Average(w => w.IsRight ? 1.0 : 0) >= 0.95);
        var all = optimizers.Count(g => g.SelectMany(r => r.Windows).Average(w => w.IsRight ? 1.0 : 0) >= 0.95);
        var close = optimizers.Count(g => g.SelectMany(r => r.Sharpness).Average(s => Math.Abs(s.RelativeError) <= 0.05 ? 1.0 : 0) >= 0.95);
        return $"Of {optimizers.Count} optimizers, {right} have at least 95% of the windows right whose truth is decided (the target; of all windows: {all}), and {close} have 95% of the probes within 5%.";
    }

    private static Table ByOptimizer(List<StabilityScore> runs)
    {
        var table = new Table("optimizer", "runs", "windows right, truth decided", "all windows", "sharpness within 5%", "median error", "90% interval has the exact value");
        foreach (var group in runs.GroupBy(r => r.Optimizer).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            Add(table, group.Key, [.. group]);
        }

        Add(table, "all", runs);
        return table;
    }

    private static void Add(Table table, string name, List<StabilityScore> runs)
    {
        var all = runs.SelectMany(r => r.Sharpness).ToList();
        table.Row(
            name,
            runs.Count,
            Proportion.Of([.. runs.SelectMany(r => r.Windows).Where(w => w.IsDecided)], w => w.IsRight),
            Proportion.Of([.. runs.SelectMany(r => r.Windows)], w => w.IsRight),
            Proportion.Of(all, s => Math.Abs(s.RelativeError) <= 0.05),
            string.Create(CultureInfo.InvariantCulture, $"{Quantiles.Of(all.Select(s => Math.Abs(s.RelativeError))).Median:0.0%}"),
            Proportion.Of(all, s => s.Covered));
    }

    private static Table Confusion(List<StabilityScore> runs)
    {
        var table = new Table(["truth", .. Calls.Select(c => c.ToString())]);
        foreach (var truth in Enum.GetValues<StabilityVerdict>())
        {
            var windows = runs.SelectMany(r => r.Windows).Where(w => w.Truth == truth).ToList();
            table.Row([truth.ToString(), .. Calls.Select(c => (object)windows.Count(w => w.Call == c))]);
        }

        return table;
    }

    private static Table ByRun(List<StabilityScore> runs)
    {
        var table = new Table("run", "windows right", "truth, window by window", "call", "within 5%", "covered");
        foreach (var run in runs)
        {
            table.Row(
                $"{run.Recording.Header.Cell}/{run.Recording.Header.Seed}",
                $"{run.Windows.Count(w => w.IsRight)}/{run.Windows.Count}",
                string.Concat(run.Windows.Select(w => Letter(w.Truth))),
                string.Concat(run.Windows.Select(w => Letter(w.Call))),
                Share(run, s => Math.Abs(s.RelativeError) <= 0.05),
                Share(run, s => s.Covered));
        }

        return table;
    }

    private static Table Failures(List<StabilityScore> runs)
    {
        var table = new Table("run", "window ends", "exponent", "its standard error", "exact over threshold", "over the upper plateau", "call");
        foreach (var run in runs)
        {
            foreach (var window in run.Windows.Where(w => !w.IsRight))
            {
                table.Row($"{run.Recording.Header.Cell}/{run.Recording.Header.Seed}{(run.Recording.Header.HeldBack ? "" : " (development)")}", window.End, window.Exponent, window.Error, window.ToLow, window.ToHigh, window.Call);
            }
        }

        return table;
    }

    private static string Share(StabilityScore run, Func<SharpnessScore, bool> condition) =>
        string.Create(CultureInfo.InvariantCulture, $"{run.Sharpness.Count(condition)}/{run.Sharpness.Count}");

    private static string Letter(StabilityVerdict verdict) => verdict switch
    {
        StabilityVerdict.Stable => "s",
        StabilityVerdict.AtTheEdge => "e",
        _ => "b",
    };

    private static string Letter(StabilityRegime regime) => regime switch
    {
        StabilityRegime.Stable => "s",
        StabilityRegime.ProgressiveSharpening => "p",
        StabilityRegime.InBetween => "i",
        StabilityRegime.AtTheEdge => "e",
        StabilityRegime.Beyond => "b",
        _ => "?",
    };
}
