namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>Holds what was seen of a run from outside against what must be so: docs/design/146. Pure: the same evidence gives the same violations.</summary>
public static class HistoryChecker
{
    /// <summary>Every violation of every kind.</summary>
    public static IReadOnlyList<Violation> Check(RunEvidence evidence)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        var replay = new Replay(evidence);
        return
        [
            .. replay.Failures.Select(failure => new Violation(ViolationKind.InputFailed, evidence.RunId, failure)),
            .. TrainerCheck.Of(evidence),
            .. LogCheck.Of(evidence),
            .. OwnershipCheck.Of(evidence),
            .. PointsCheck.Of(evidence, replay),
            .. StateCheck.Of(evidence, replay),
            .. AlertsCheck.Of(evidence, replay),
        ];
    }
}
