using Google.Protobuf;
using TrainingMonitor.Load.Testing.Histories;
using TrainingMonitor.Load.Testing.Load;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>Evidence of a run with which everything is well: one trainer, two owners one after the other, alerts, every node asked.</summary>
internal static class SampleEvidence
{
    private const string Run = "sample";
    private const int Steps = 260;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Epoch of the owner up to <see cref="HandedOverAt"/>; the next has one more.</summary>
    public const int FirstEpoch = 3;

    /// <summary>Last position of the first owner.</summary>
    public const long HandedOverAt = 100;

    public static RunEvidence Make()
    {
        var log = Log();
        var evidence = new RunEvidence(Run)
        {
            Log = log,
            Chunks = [new LogChunk(1, 60, FirstEpoch), new LogChunk(61, HandedOverAt, FirstEpoch), new LogChunk(HandedOverAt + 1, log.Count, FirstEpoch + 1)],
            Committed = log.Count,
        };
        var replay = new Replay(evidence);
        var told = replay.Alerts.Where(alert => alert.State != AlertState.Pending)
            .Select(alert => new Delivery(alert.State == AlertState.Firing ? "firing" : "resolved", alert.Rule, alert.Layer, $"{alert.Step}")).ToList();
        return evidence with
        {
            Stored = [.. replay.Points.Select(point => point.Point)],
            Nodes = [.. new[] { "n1", "n2", "n3" }.Select(node => new NodeAnswer(node, replay.Detail.Clone(), [.. replay.Alerts.Select(alert => alert.Clone())]))],
            Deliveries = [.. told, told[0]],
            Histories = [new TrainerHistory("sample.jsonl", 0, [.. Entries(log, replay)])],
        };
    }

    private static List<FrameRecord> Log()
    {
        var hello = new Hello { ProtocolVersion = 1, RunId = Run, Project = "faults", WorldSize = 1, ClientStartId = "start", OldestSequence = 1, Description = StepStream.Description(600), TimeUnixNs = 1 };
        var log = new List<FrameRecord> { new(1, FrameRecordKind.Input, Run, 0, 0, new Input { Opened = new Opened { Hello = hello } }.ToByteArray()) };
        Add(log, new TrainerFrame { LayerTable = StepStream.Table(2) });
        for (var step = 0; step < Steps; step++)
        {
            var report = StepStream.Report(Run, 0, step, 2, Story.Memorizing);
            report.TimeUnixNs = 1_700_000_000_000_000_000 + (step * 1_000_000L);
            Add(log, new TrainerFrame { Steps = new StepReports { Reports = { report } } });
        }

        return log;
    }

    private static void Add(List<FrameRecord> log, TrainerFrame frame)
    {
        frame.Sequence = (ulong)log.Count;
        log.Add(new FrameRecord(log.Count + 1, FrameRecordKind.Frame, Run, 0, 0, frame.ToByteArray()));
    }

    private static IEnumerable<HistoryEntry> Entries(List<FrameRecord> log, Replay replay)
    {
        var at = Start;
        HistoryEntry Entry(HistoryKind kind, int stream) => new(kind, at += TimeSpan.FromMilliseconds(1)) { Stream = stream };
        yield return Entry(HistoryKind.Started, 0) with { Text = "start" };
        for (var stream = 1; stream <= 2; stream++)
        {
            yield return Entry(HistoryKind.Connecting, stream) with { Text = $"http://node{stream}" };
            yield return Entry(HistoryKind.Hello, stream) with { Text = "start", Sequence = 1 };
            yield return Entry(HistoryKind.Welcome, stream) with { Attempt = 0, Epoch = (ulong)(FirstEpoch + stream - 1) };
            foreach (var record in log.Where(record => record.Kind == FrameRecordKind.Frame && (stream == 1) == (record.Position <= HandedOverAt)))
            {
                var frame = TrainerFrame.Parser.ParseFrom(record.Body.Span);
                yield return Entry(HistoryKind.Frame, stream) with { Sequence = frame.Sequence, Hash = FrameHash.Of(record.Body.Span), Step = 1 };
                yield return Entry(HistoryKind.Ack, stream) with { Received = frame.Sequence, Durable = frame.Sequence };
            }

            yield return Entry(HistoryKind.StreamEnded, stream) with { Text = "closed" };
        }

        foreach (var alert in replay.Alerts)
        {
            yield return Entry(HistoryKind.Alert, 2) with { Ordinal = alert.Ordinal, Step = (long)alert.Step, Text = $"{alert.Id} {alert.State}" };
        }

        yield return Entry(HistoryKind.Settled, 0);
    }
}
