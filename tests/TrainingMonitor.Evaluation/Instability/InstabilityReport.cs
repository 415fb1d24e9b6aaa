using System.Globalization;
using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Evaluation.Nulls;
using TrainingMonitor.Evaluation.Reports;

namespace TrainingMonitor.Evaluation.Instability;

/// <summary>The page of the instability suite.</summary>
internal static class InstabilityReport
{
    private static readonly string[] Faults = ["shock", "stale", "corrupt", "overflow"];

    /// <summary>Replays all recordings and writes.</summary>
    public static void Write()
    {
        var all = InstabilityScores.OfSources();
        InstabilityScores development = all.Part(false), heldBack = all.Part(true);
        var report = new Report(InstabilitySuite.Name, "Instability: spikes, divergence, numbers that are not finite");
        report.Paragraph(
            "Truth is the loss P of 256 fixed training examples before every step, which no detector sees (of the examples known before the fault, where it brings new ones): a spike is the first step with P above 1.5 times the median of the 32 before it, and above it by a tenth of the first P; divergence the first with P beyond 3 times its start " +
            "that stays beyond 1.5 times for 10 steps; a number is not finite where the loss or a gradient of that step is not. Faults begin at a step that the seed chooses. Runs whose fault led to no spike count in no rate, but as healthy up to the fault.");
        report.Section("The runs");
        report.Add(Runs(heldBack, development));
        report.Section("Spike precursor, held back");
        report.Paragraph(
            "Forewarned: spike_precursor (or the baseline) fired from the fault on and at least one step before the truth. Lead: steps from the alarm to the truth, median [quartiles]. False alarms: while nothing was wrong, per 10⁵ steps with the exact Poisson interval. Baselines: z of the gradient norm (ZClip) and of the loss against an exponential mean, " +
            "at their published thresholds and at the one that raises as few false alarms on the development part as spike_precursor does there.");
        report.Add(Precursors(development, heldBack));
        report.Section("By fault, held back");
        report.Add(ByFault(heldBack));
        report.Section("loss_spike, divergence, nonfinite");
        report.Paragraph("Seen: fired from the fault on, at most 30 steps after the truth. The delay is negative where spoilt batches have high losses before the weights have suffered. False alarms per 10⁵ healthy steps; a healthy run whose batches really jump (classes in order) counts too.");
        report.Add(Others(development, heldBack));
        report.Section("By configuration");
        report.Add(ByCell(all));
        report.Section("Lead against false alarms");
        report.Add("leads", "Share of held-back spikes that were forewarned by at least so many steps", Leads(development, heldBack));
        report.Save();
    }

    /// <summary>spike_precursor's alarms.</summary>
    public static IReadOnlyList<int> Precursor(InstabilityRun run) => run.Firings(DetectionRule.SpikePrecursor);

    private static Table Runs(params InstabilityScores[] parts)
    {
        var table = new Table("part", "runs", "with a fault", "of them spiked or broke", "healthy", "healthy steps");
        foreach (var part in parts)
        {
            var faulty = part.Runs.Count(run => run.FaultStep is not null);
            table.Row(part.Runs.Any(run => run.Header.HeldBack) ? "held back" : "development", part.Runs.Count, faulty, part.Positives.Count, part.Runs.Count - faulty, part.HealthySteps);
        }

        return table;
    }

    private static Table Precursors(InstabilityScores development, InstabilityScores heldBack)
    {
        var table = new Table("alarm", "forewarned", "lead, steps", "false alarms per 10⁵ steps");
        void Row(string name, Func<InstabilityRun, IReadOnlyList<int>> alarms) =>
            table.Row(name, heldBack.Forewarned(alarms).ToString(), heldBack.Leads(alarms).ToString(), Rate(heldBack.FalseAlarms(alarms), heldBack.HealthySteps));
        var (gradient, loss) = Matched(development);
        Row("spike_precursor", Precursor);
        Row("gradient norm, z > 2.5 (ZClip)", run => run.GradientAlarms(NormBaseline.ZClip));
        Row(string.Create(CultureInfo.InvariantCulture, $"gradient norm, z > {gradient:0.#}"), run => run.GradientAlarms(gradient));
        Row("loss, z > 3.2", run => run.LossAlarms(NormBaseline.LossDeviations));
        Row(string.Create(CultureInfo.InvariantCulture, $"loss, z > {loss:0.#}"), run => run.LossAlarms(loss));
        return table;
    }

    private static (double Gradient, double Loss) Matched(InstabilityScores development)
    {
        var few = development.FalseAlarms(Precursor);
        return (development.Matched((run, z) => run.GradientAlarms(z), few), development.Matched((run, z) => run.LossAlarms(z), few));
    }

    private static Table ByFault(InstabilityScores part)
    {
        var table = new Table("fault", "spiked or broke", "spike_precursor before it", "lead, steps", "lead to the peak");
        foreach (var kind in Faults)
        {
            var runs = part.Of(kind);
            var peak = Scoring.Quantiles.Of(
                from run in runs.Positives
                let alarm = run.FirstAlarm(Precursor(run), run.Truth.Step!.Value)
                where alarm is not null && run.Truth.PeakStep is not null
                select (double)(run.Truth.PeakStep!.Value - alarm.Value));
            table.Row(kind, runs.Positives.Count, runs.Forewarned(Precursor).ToString(), runs.Leads(Precursor).ToString(), peak.ToString());
        }

        return table;
    }

    private static Table Others(InstabilityScores development, InstabilityScores heldBack)
    {
        var table = new Table("rule", "part", "seen", "delay, steps", "false alarms per 10⁵ steps");
        foreach (var (name, part) in ((string, InstabilityScores)[])[("development", development), ("held back", heldBack)])
        {
            void Row(DetectionRule rule, Func<InstabilityRun, int?> truth) => table.Row(
                DetectionRules.Name(rule), name, part.Seen(truth, rule).ToString(), part.Delays(truth, rule).ToString(), Rate(part.FalseAlarms(run => run.Firings(rule)), part.HealthySteps));
            Row(DetectionRule.LossSpike, run => run.Truth.SpikeStep);
            Row(DetectionRule.Divergence, run => run.Truth.DivergedStep);
            Row(DetectionRule.NonFinite, run => run.Truth.NonFiniteStep);
            table.Row("nonfinite, no later than the very step", name, part.NonFiniteAtOnce.ToString(), "", "");
        }

        return table;
    }

    private static Table ByCell(InstabilityScores all)
    {
        var table = new Table("configuration", "part", "spiked or broke", "precursor before it", "lead", "loss_spike seen", "false alarms: precursor, loss_spike, divergence, nonfinite");
        foreach (var cell in all.Runs.GroupBy(run => run.Header.Cell))
        {
            var scores = new InstabilityScores([.. cell]);
            DetectionRule[] rules = [DetectionRule.SpikePrecursor, DetectionRule.LossSpike, DetectionRule.Divergence, DetectionRule.NonFinite];
            var falseAlarms = string.Join(", ", rules.Select(rule => scores.FalseAlarms(run => run.Firings(rule))));
            var warned = scores.Forewarned(Precursor);
            var seen = scores.Seen(run => run.Truth.SpikeStep, DetectionRule.LossSpike);
            table.Row(
                cell.Key, cell.First().Header.HeldBack ? "held back" : "development", $"{scores.Positives.Count}/{scores.Runs.Count}",
                warned.Total == 0 ? "" : $"{warned.Count}/{warned.Total}", warned.Total == 0 ? "" : scores.Leads(Precursor).ToString(), seen.Total == 0 ? "" : $"{seen.Count}/{seen.Total}", falseAlarms);
        }

        return table;
    }

    private static Plot Leads(InstabilityScores development, InstabilityScores heldBack)
    {
        var plot = new Plot("Spikes forewarned by at least so many steps, held back", "steps before the spike", "share of spikes");
        var (gradient, loss) = Matched(development);
        (string Name, Func<InstabilityRun, IReadOnlyList<int>> Alarms, bool Dashed)[] lines =
        [
            ("spike_precursor", Precursor, false), ("gradient norm, matched", run => run.GradientAlarms(gradient), false), ("loss, matched", run => run.LossAlarms(loss), false),
            ("gradient norm, z > 2.5", run => run.GradientAlarms(NormBaseline.ZClip), true),
        ];
        foreach (var (name, alarms, dashed) in lines)
        {
            var leads = heldBack.Positives.Select(run => run.FirstAlarm(alarms(run), run.Truth.Step!.Value) is { } alarm ? run.Truth.Step!.Value - alarm : 0).ToList();
            plot.Line(name, Enumerable.Range(1, 30).Select(lead => ((double)lead, leads.Count(own => own >= lead) / (double)leads.Count)), dashed);
        }

        return plot;
    }

    private static string Rate(int count, long steps)
    {
        // Per 10⁵: a tenth of the rate per 10⁶.
        var rate = new PoissonRate(count, steps);
        return string.Create(CultureInfo.InvariantCulture, $"{rate.Value / 10:0.##} [{rate.Low / 10:0.##}, {rate.High / 10:0.##}] ({count} in {steps:N0})");
    }
}
