using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Tests.Support;

internal static class Samples
{
    // 2026-03-01T12:00:00Z
    public const long Noon = 1_772_366_400_000_000_000;

    public static RunDetail Run(string id = "digits-1", RunState state = RunState.Running, string project = "demo") => new()
    {
        Summary = new RunSummary
        {
            RunId = id,
            Project = project,
            Name = id,
            State = state,
            Step = 299,
            PlannedSteps = 600,
            StartedUnixNs = Noon,
            UpdatedUnixNs = Noon + 60_000_000_000,
            FiringAlerts = 1,
            WorstSeverity = Severity.Warning,
            Loss = 0.4123,
        },
        Description = new RunDescription { DatasetSize = 1000, BatchSize = 50 },
        Estimates = { ["loss"] = 0.4123, ["noise_scale"] = 12345, ["loo_ratio"] = double.NaN, ["memorized_nats"] = 1.5 },
        ActiveAlerts = { Alert() },
        Counters = { ["reports"] = 300 },
    };

    public static Alert Alert(ulong ordinal = 1, AlertState state = AlertState.Firing, string rule = "memorization_onset", ulong step = 120, Severity severity = Severity.Warning) => new()
    {
        Id = $"digits-1/{rule}",
        Ordinal = ordinal,
        RunId = "digits-1",
        Rule = rule,
        Severity = severity,
        State = state,
        Step = step,
        SinceStep = step - 20,
        TimeUnixNs = Noon,
        Evidence = new Evidence { Statistic = "memorized_nats", Value = 0.31, Threshold = 0.2, FalseAlarmControl = "average run length 10000 reports" },
        Summary = "Training loss fell by 0.31 nats that did not help other examples.",
        Advice = "Stop here, or regularize.",
    };

    public static Series Series(string name, params double[] values) => new()
    {
        Name = name,
        X = { values.Select((_, i) => (double)i * 5) },
        Min = { values },
        Max = { values },
        Last = { values },
        Count = { values.Select(_ => 1UL) },
        NonFinite = { values.Select(_ => 0UL) },
    };
}
