using System.Collections.Concurrent;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Gateway;

namespace TrainingMonitor.Runs.Tests.Kit;

/// <summary>The server's end of a stream, remembering what it was told.</summary>
internal sealed class TestSession : IIngestSession
{
    private readonly ConcurrentQueue<ServerFrame> frames = new();

    public Status? Closed { get; private set; }

    public IReadOnlyList<Ack> Acks => [.. frames.Where(frame => frame.Ack is not null).Select(frame => frame.Ack)];

    public IReadOnlyList<Alert> Alerts => [.. frames.Where(frame => frame.Alert is not null).Select(frame => frame.Alert)];

    public IReadOnlyList<Advice> Advices => [.. frames.Where(frame => frame.Advice is not null).Select(frame => frame.Advice)];

    public GoAway? Away => frames.FirstOrDefault(frame => frame.GoAway is not null)?.GoAway;

    public ulong Durable => Acks.Select(ack => ack.Durable).DefaultIfEmpty().Max();

    /// <summary>The connection takes nothing any more.</summary>
    public bool Deaf { get; set; }

    public bool TrySend(ServerFrame frame)
    {
        if (Deaf)
        {
            return false;
        }

        frames.Enqueue(frame);
        return true;
    }

    public void Close(Status status) => Closed = status;
}
