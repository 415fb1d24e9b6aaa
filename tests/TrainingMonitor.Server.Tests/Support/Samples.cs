using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Server.Tests.Support;

internal static class Samples
{
    public static RunDetail Run(string id, long updated = 1, RunState state = RunState.Finished, double loss = 0.5, string project = "tests") => new()
    {
        Summary = new RunSummary { RunId = id, Project = project, Name = id, State = state, Step = 100, UpdatedUnixNs = updated, StartedUnixNs = 1, Loss = loss },
        Description = new RunDescription(),
        Estimates = { ["loss"] = loss },
    };

    public static Series Series(string name) => new()
    {
        Name = name,
        Unit = "nats",
        X = { 1, 2, 3 },
        Min = { 1, 2, double.NaN },
        Max = { 1, 2, double.NaN },
        Last = { 1, 2, double.NaN },
        Count = { 1, 1, 0 },
        NonFinite = { 0, 0, 1 },
    };

    public static Alert Alert(string run, ulong ordinal) => new()
    {
        Id = $"{run}/loss_spike",
        Ordinal = ordinal,
        RunId = run,
        Rule = "loss_spike",
        Severity = Severity.Warning,
        State = AlertState.Firing,
        Step = 2,
        Summary = "The loss jumped to 9 at step 2.",
        Advice = "Look at the batch.",
        Evidence = new Evidence { Statistic = "loss", Value = 9, Threshold = 3 },
    };
}
