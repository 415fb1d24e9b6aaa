using TrainingMonitor.Load.Testing.Histories;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>One owner at a time: epochs only grow over the log, and no owner calls durable what a later one wrote.</summary>
internal static class OwnershipCheck
{
    public static IEnumerable<Violation> Of(RunEvidence evidence)
    {
        var before = new LogChunk(0, 0, 0);
        foreach (var chunk in evidence.Chunks.OrderBy(chunk => chunk.First).ThenBy(chunk => chunk.Last))
        {
            if (chunk.Epoch < before.Epoch)
            {
                yield return new Violation(ViolationKind.OwnedTwice, evidence.RunId, $"positions {chunk.First} to {chunk.Last} have epoch {chunk.Epoch}, those before them epoch {before.Epoch}");
            }

            if (before.Last > 0 && chunk.First <= before.Last)
            {
                yield return new Violation(ViolationKind.OwnedTwice, evidence.RunId, $"positions {chunk.First} to {chunk.Last} of epoch {chunk.Epoch} overlap {before.First} to {before.Last} of epoch {before.Epoch}");
            }

            before = chunk;
        }

        foreach (var late in evidence.Chunks.Count == 0 ? [] : LateAcks(evidence))
        {
            yield return late;
        }
    }

    // An ack is of the owner that welcomed the stream: where the run changes hands the stream begins anew.
    private static IEnumerable<Violation> LateAcks(RunEvidence evidence)
    {
        var epochs = EpochOfFrames(evidence);
        foreach (var stream in evidence.Histories.SelectMany(history => history.Streams))
        {
            if (stream is not { Speaker: var (attempt, rank), Welcome: { } welcome } || stream.Entries.LastOrDefault(entry => entry.Kind == HistoryKind.Ack) is not { Durable: > 0 } ack)
            {
                continue;
            }

            if (epochs.TryGetValue((attempt, rank, ack.Durable), out var epoch) && epoch > (long)welcome.Epoch)
            {
                yield return new Violation(
                    ViolationKind.AckByFormerOwner, evidence.RunId, $"{stream.Name}, welcomed by epoch {welcome.Epoch}, was told at {ack.At:HH:mm:ss.fff} that frame {ack.Durable} is durable, which epoch {epoch} wrote");
            }
        }
    }

    private static Dictionary<(int Attempt, int Rank, ulong Sequence), long> EpochOfFrames(RunEvidence evidence)
    {
        var chunks = evidence.Chunks.OrderBy(chunk => chunk.First).ToList();
        var epochs = new Dictionary<(int, int, ulong), long>();
        var at = 0;
        foreach (var record in evidence.Log)
        {
            while (at < chunks.Count - 1 && chunks[at].Last < record.Position)
            {
                at++;
            }

            if (record.Kind == FrameRecordKind.Frame)
            {
                epochs[(record.Attempt, record.Rank, TrainerFrame.Parser.ParseFrom(record.Body.Span).Sequence)] = chunks[at].Epoch;
            }
        }

        return epochs;
    }
}
