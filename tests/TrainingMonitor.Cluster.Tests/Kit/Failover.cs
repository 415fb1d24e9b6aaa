using TrainingMonitor.Cluster.Tests.Checking;
using TrainingMonitor.Load.Testing.Histories;

namespace TrainingMonitor.Cluster.Tests.Kit;

/// <summary>How long a run was without an owner, as its trainers felt it.</summary>
internal static class Failover
{
    /// <summary>From a moment until a stream opened after it was told that a frame sent after it is durable; nothing for a trainer that did not live through it.</summary>
    public static IEnumerable<TimeSpan> After(DateTimeOffset moment, IReadOnlyList<TrainerHistory> histories)
    {
        // Acks that were on their way at the moment are of streams welcomed before it.
        var told = histories.SelectMany(history => history.Streams).Where(stream => stream.Welcome?.At > moment)
            .SelectMany(stream => stream.Entries.Where(entry => entry.Kind == HistoryKind.Ack && entry.Durable > stream.Welcome!.Durable).Take(1))
            .OrderBy(entry => entry.At).FirstOrDefault();
        if (told is not null)
        {
            yield return told.At - moment;
        }
    }
}
