using TrainingMonitor.Cli.Json;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Demo;

/// <summary>Makes the parts of the summary from what the server knows. Pure.</summary>
internal static class SummaryBuilder
{
    private const double Grokked = 0.2;

    /// <summary>Alerts that fired, each once, in the order they did.</summary>
    public static IReadOnlyList<DemoAlert> Alerts(DemoFacts facts)
    {
        var stepsPerEpoch = StepsPerEpoch(facts.Detail.Description);
        return
        [
            .. facts.Alerts.GroupBy(alert => alert.Id, StringComparer.Ordinal)
                .Where(group => group.Any(alert => alert.State == AlertState.Firing))
                .Select(group =>
                {
                    var first = group.First(alert => alert.State == AlertState.Firing);
                    return new DemoAlert(
                        first.Rule,
                        first.Layer.Length == 0 ? null : first.Layer,
                        Words.Of(group.Max(alert => alert.Severity)),
                        first.Step,
                        first.Step / stepsPerEpoch,
                        group.Last().State == AlertState.Resolved,
                        first.Summary);
                })
                .OrderBy(alert => alert.Step),
        ];
    }

    /// <summary>Where held-out loss was lowest, and how late the alarm came.</summary>
    public static HeldOut? HeldOutOf(DemoFacts facts, IReadOnlyList<DemoAlert> alerts)
    {
        var losses = facts.Points("held_out_loss");
        if (losses.Count == 0)
        {
            return null;
        }

        var stepsPerEpoch = StepsPerEpoch(facts.Detail.Description);
        var lowest = losses.MinBy(point => point.Value);
        var highestAfter = losses.Where(point => point.Step >= lowest.Step).Max(point => point.Value);
        var accuracies = facts.Points("held_out_accuracy");
        var alarm = alerts.FirstOrDefault(alert => alert.Rule == "memorization_onset");
        return new HeldOut(
            lowest.Step,
            lowest.Step / stepsPerEpoch,
            lowest.Value,
            losses[^1].Value,
            (highestAfter / lowest.Value) - 1,
            accuracies.Count > 0 ? accuracies[^1].Value : null,
            alarm is null ? null : ((double)alarm.Step - lowest.Step) / stepsPerEpoch);
    }

    /// <summary>How early grokking was announced.</summary>
    public static GrokkingLead? GrokkingOf(DemoFacts facts, IReadOnlyList<DemoAlert> alerts)
    {
        if (alerts.FirstOrDefault(alert => alert.Rule == "grokking_on_its_way") is not { } announced)
        {
            return null;
        }

        var accuracies = facts.Points("held_out_accuracy");
        var before = accuracies.Where(point => point.Step <= announced.Step).ToArray();
        var after = accuracies.Where(point => point.Value >= Grokked).Select(point => (ulong?)point.Step).FirstOrDefault();
        return new GrokkingLead(announced.Step, before.Length > 0 ? before[^1].Value : null, after, after is null ? null : (long)after - (long)announced.Step);
    }

    /// <summary>Sharpness against its threshold.</summary>
    public static SharpnessSummary? SharpnessOf(DemoFacts facts)
    {
        var sharpness = facts.Points("sharpness");
        var ratios = facts.Points("sharpness_ratio").Select(point => point.Value).ToArray();
        if (sharpness.Count == 0 || ratios.Length == 0 || ratios[^1] == 0)
        {
            return null;
        }

        var last = ratios[(ratios.Length * 3 / 4)..].Order().ToArray();
        return new SharpnessSummary(sharpness[^1].Value, sharpness[^1].Value / ratios[^1], ratios[^1], last[last.Length / 2]);
    }

    /// <summary>Optimizer steps an epoch; null where unknown.</summary>
    public static double? StepsPerEpoch(RunDescription? description) => description switch
    {
        { StepsPerEpoch: > 0 } => description.StepsPerEpoch,
        { DatasetSize: > 0, BatchSize: > 0 } => Math.Max(1, Math.Ceiling((double)description.DatasetSize / description.BatchSize)),
        _ => null,
    };
}
