using System.Globalization;
using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Evaluation.Reports;

namespace TrainingMonitor.Evaluation.Nulls;

/// <summary>The page of the null streams.</summary>
internal static class NullsReport
{
    /// <summary>Name of the suite.</summary>
    public const string Name = "nulls";

    /// <summary>Most false alarms per 10⁶ steps of a critical alert.</summary>
    public const double CriticalTarget = 1;

    /// <summary>The same for the others.</summary>
    public const double WarningTarget = 100;

    /// <summary>The same for the spike precursor.</summary>
    public const double PrecursorTarget = 10;

    /// <summary>Steps in all.</summary>
    public const long WholeSteps = 10_000_000;

    private static readonly (DetectionRule Rule, double Target)[] Judged =
    [
        (DetectionRule.Divergence, CriticalTarget), (DetectionRule.NonFinite, CriticalTarget),
        (DetectionRule.LossSpike, WarningTarget), (DetectionRule.MemorizationOnset, WarningTarget), (DetectionRule.MemorizationStays, WarningTarget),
        (DetectionRule.GrokkingOnItsWay, WarningTarget), (DetectionRule.Grokking, WarningTarget), (DetectionRule.EdgeOfStability, WarningTarget),
        (DetectionRule.SpikePrecursor, PrecursorTarget),
    ];

    /// <summary>Plays and writes.</summary>
    /// <param name="steps">Steps in all.</param>
    public static void Write(long steps)
    {
        var families = NullFamilies.All().ToList();
        var tallies = NullStreams.Play(families, steps / families.Count);
        var report = new Report(Name, "Null streams: what the detectors say of healthy runs");
        report.Paragraph(
            "These streams are simulated, not recorded: a linear model with 8 weights in 3 layers is trained on noisy examples, far more of them than weights, so that there is nothing to memorize; its gradients, " +
            "gains, self terms and lag sums are what such a run has, sampling without replacement and all. Some families put another law over the losses; what the gradients say of memorization is not judged there. " +
            "Each run has 10,000 to 20,000 steps, with a sharpness probe every 100 at 0.8 of its threshold (5% error) where the optimizer has one.");
        report.Paragraph(
            "Targets: at most 1 false alarm per 10⁶ steps for critical alerts, 100 (1 per 10⁴) for the others, 10 (1 per 10⁵) for the spike precursor. Every firing counts. Figures are alarms per 10⁶ steps with the exact 95% Poisson interval.");
        report.Section("All families together");
        foreach (var heldBack in (bool[])[false, true])
        {
            report.Paragraph(heldBack ? "Held back (detectors were not made with them):" : "Development:");
            report.Add(Summary([.. tallies.Where(tally => tally.Family.HeldBack == heldBack)]));
        }

        report.Section("By family");
        report.Paragraph("Alarms per 10⁶ steps of every rule that fired at all; an empty cell is none, – is not judged. With none in N steps the rate is below 3.7·10⁶/N per 10⁶.");
        report.Add(ByFamily(tallies));
        report.Section("Run length of the e-detector");
        report.Paragraph(
            "The detector behind memorization_onset promises an average run length of at least its threshold for any inputs in [−3, 2] whose mean given the past is at most 0: no independence, no law (design 020). Mean run length (and its standard error) on adversarial " +
            "inputs, beside the bound. Runs are cut at 10 times the threshold, so that the means are lower bounds.");
        report.Add(RunLengths());
        report.Paragraph(
            "Half of the noise that other readings of the same batch explain is taken out before (control variates, design 020). Their means are forecast, not known, and the bound does not cover the error of the forecast: the threshold is three times as high for it. " +
            "Mean readings up to an alarm at average run length 10⁴, on independent gains of which a control explains the share R² of the variance, cut at 100,000:");
        report.Add(ControlledRunLengths());
        report.Save();
    }

    /// <summary>Rules with their targets.</summary>
    public static IEnumerable<(DetectionRule Rule, double Target, PoissonRate Rate)> Rates(IReadOnlyCollection<NullTally> tallies) =>
        from judged in Judged
        let own = tallies.Where(tally => tally.Judges(judged.Rule)).ToList()
        select (judged.Rule, judged.Target, new PoissonRate(own.Sum(tally => tally.Of(judged.Rule)), own.Sum(tally => tally.Steps)));

    private static Table Summary(IReadOnlyCollection<NullTally> tallies)
    {
        var table = new Table("rule", "steps", "alarms", "per 10⁶ steps", "target", "worst family");
        foreach (var (rule, target, rate) in Rates(tallies))
        {
            var worst = tallies.Where(tally => tally.Judges(rule)).MaxBy(tally => (double)tally.Of(rule) / tally.Steps)!;
            var text = worst.Of(rule) == 0 ? "none" : string.Create(CultureInfo.InvariantCulture, $"{worst.Family.Name}: {new PoissonRate(worst.Of(rule), worst.Steps)}");
            table.Row(DetectionRules.Name(rule), rate.Steps, rate.Count, rate.ToString(), target, text);
        }

        return table;
    }

    private static Table ByFamily(IReadOnlyList<NullTally> tallies)
    {
        DetectionRule[] rules = [.. Judged.Select(judged => judged.Rule).Where(rule => tallies.Any(tally => tally.Judges(rule) && tally.Of(rule) > 0))];
        var table = new Table(["family", "part", "steps", .. rules.Select(DetectionRules.Name)]);
        foreach (var tally in tallies)
        {
            object[] cells = [.. rules.Select(rule => !tally.Judges(rule) ? "–" : tally.Of(rule) == 0 ? "" : new PoissonRate(tally.Of(rule), tally.Steps).ToString())];
            table.Row([tally.Family.Name, tally.Family.HeldBack ? "held back" : "development", tally.Steps, .. cells]);
        }

        return table;
    }

    private static Table RunLengths()
    {
        var table = new Table("inputs", "threshold 10³", "bound", "threshold 10⁴", "bound");
        foreach (var law in AdversarialNulls.Laws)
        {
            var low = AdversarialNulls.RunLength(law, 1e3, 1000, 10_000);
            var high = AdversarialNulls.RunLength(law, 1e4, 300, 100_000);
            table.Row(law, Text(low), "≥ 1,000", Text(high), "≥ 10,000");
        }

        return table;
    }

    private static Table ControlledRunLengths()
    {
        var table = new Table("share explained, R²", "readings");
        foreach (var share in ControlledNulls.Shares)
        {
            table.Row(share, Text(ControlledNulls.RunLength(share, 300, 100_000)));
        }

        return table;
    }

    private static string Text((double Mean, double Error) length) => string.Create(CultureInfo.InvariantCulture, $"{length.Mean:N0} ± {length.Error:N0}");
}
