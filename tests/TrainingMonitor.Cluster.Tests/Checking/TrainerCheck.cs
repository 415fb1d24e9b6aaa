using TrainingMonitor.Load.Testing.Histories;

namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>No trainer was refused, and none had to leave steps out.</summary>
internal static class TrainerCheck
{
    public static IEnumerable<Violation> Of(RunEvidence evidence) =>
        from history in evidence.Histories
        from entry in history.Entries
        where entry.Kind is HistoryKind.Said && (entry.Text.Contains("refuse", StringComparison.Ordinal) || entry.Text.Contains("is off", StringComparison.Ordinal) || entry.Text.Contains("left out", StringComparison.Ordinal))
            || (entry.Kind is HistoryKind.Finished && entry.Text != "thinned 0")
        select new Violation(ViolationKind.TrainerOff, evidence.RunId, $"{history.Name} at {entry.At:HH:mm:ss.fff}: {entry.Text}");
}
