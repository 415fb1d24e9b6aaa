using TrainingMonitor.Load.Testing.Histories;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>Every frame that a server called durable is in the log once, as it was sent, in the order of its rank.</summary>
internal static class LogCheck
{
    public static IEnumerable<Violation> Of(RunEvidence evidence)
    {
        var sent = Sent(evidence);
        var found = new Dictionary<(int Attempt, int Rank), SortedDictionary<ulong, long>>();
        var newest = new Dictionary<(int Attempt, int Rank), ulong>();
        var position = 0L;
        foreach (var record in evidence.Log)
        {
            if (position > 0 && record.Position != position + 1)
            {
                yield return Say(ViolationKind.LogBroken, $"position {record.Position} follows {position}");
            }

            position = record.Position;
            if (record.Kind == FrameRecordKind.Input)
            {
                // Who says that frames are lost for good begins behind them.
                if (Input.Parser.ParseFrom(record.Body.Span).Opened is { } opened)
                {
                    newest[((int)opened.Attempt, (int)opened.Hello.Rank)] = opened.ResumeAfter;
                }

                continue;
            }

            var speaker = (record.Attempt, record.Rank);
            var frame = TrainerFrame.Parser.ParseFrom(record.Body.Span);
            if (!found.TryGetValue(speaker, out var frames))
            {
                found[speaker] = frames = [];
            }

            if (!frames.TryAdd(frame.Sequence, record.Position))
            {
                yield return Say(ViolationKind.FrameTwice, $"{Who(speaker)} frame {frame.Sequence} is at {frames[frame.Sequence]} and at {record.Position}");
            }
            else if (frame.Sequence != newest.GetValueOrDefault(speaker) + 1)
            {
                yield return Say(ViolationKind.FrameOutOfOrder, $"{Who(speaker)} frame {frame.Sequence} at {record.Position} follows frame {newest.GetValueOrDefault(speaker)}");
            }

            newest[speaker] = Math.Max(newest.GetValueOrDefault(speaker), frame.Sequence);
            if (evidence.Histories.Count > 0 && !(sent.TryGetValue((speaker.Attempt, speaker.Rank, frame.Sequence), out var hashes) && hashes.Contains(FrameHash.Of(record.Body.Span))))
            {
                yield return Say(ViolationKind.FrameChanged, $"{Who(speaker)} frame {frame.Sequence} at {record.Position} was never sent with these bytes");
            }
        }

        foreach (var (speaker, (durable, where)) in Durable(evidence))
        {
            var held = found.GetValueOrDefault(speaker) ?? [];
            for (var sequence = 1UL; sequence <= durable; sequence++)
            {
                if (!held.ContainsKey(sequence))
                {
                    yield return Say(ViolationKind.DurableFrameLost, $"{Who(speaker)} frame {sequence} is not in the log; {where} said durable up to {durable}");
                }
            }
        }

        Violation Say(ViolationKind kind, string words) => new(kind, evidence.RunId, words);
    }

    private static string Who((int Attempt, int Rank) speaker) => $"attempt {speaker.Attempt} rank {speaker.Rank}";

    /// <summary>Hashes of what was sent under each number. A frame sent before any server said which attempt it is in is none: the client sends none before the Welcome.</summary>
    private static Dictionary<(int Attempt, int Rank, ulong Sequence), HashSet<string>> Sent(RunEvidence evidence)
    {
        var sent = new Dictionary<(int, int, ulong), HashSet<string>>();
        foreach (var stream in evidence.Histories.SelectMany(history => history.Streams))
        {
            if (stream.Speaker is not var (attempt, rank))
            {
                continue;
            }

            foreach (var frame in stream.Entries.Where(entry => entry.Kind == HistoryKind.Frame))
            {
                if (!sent.TryGetValue((attempt, rank, frame.Sequence), out var hashes))
                {
                    sent[(attempt, rank, frame.Sequence)] = hashes = new HashSet<string>(StringComparer.Ordinal);
                }

                hashes.Add(frame.Hash);
            }
        }

        return sent;
    }

    /// <summary>The highest sequence that was called durable, and where that was said first.</summary>
    private static Dictionary<(int Attempt, int Rank), (ulong Sequence, string Where)> Durable(RunEvidence evidence)
    {
        var durable = new Dictionary<(int, int), (ulong Sequence, string)>();
        foreach (var stream in evidence.Histories.SelectMany(history => history.Streams))
        {
            if (stream.Speaker is not { } speaker)
            {
                continue;
            }

            foreach (var entry in stream.Entries.Where(entry => entry.Kind is HistoryKind.Ack or HistoryKind.Welcome))
            {
                if (entry.Durable > durable.GetValueOrDefault(speaker).Sequence)
                {
                    durable[speaker] = (entry.Durable, $"{stream.Name} at {entry.At:HH:mm:ss.fff}");
                }
            }
        }

        return durable;
    }
}
