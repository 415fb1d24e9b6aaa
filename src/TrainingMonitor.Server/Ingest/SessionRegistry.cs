using System.Collections.Concurrent;
using Grpc.Core;
using TrainingMonitor.Server.Errors;
using TrainingMonitor.Server.Hosting;

namespace TrainingMonitor.Server.Ingest;

/// <summary>All trainer streams: their number is limited, acks that wait are sent when their time has come, and all are asked to leave when the server goes.</summary>
internal sealed class SessionRegistry : IDisposable
{
    // One timer for all instead of one a stream.
    private static readonly TimeSpan Sweep = TimeSpan.FromMilliseconds(500);
    private readonly ConcurrentDictionary<IngestSession, byte> sessions = new();
    private readonly ServerOptions options;
    private readonly Timer sweep;
    private int count;
    private volatile bool draining;

    public SessionRegistry(ServerOptions options)
    {
        this.options = options;
        sweep = new Timer(static all => ((SessionRegistry)all!).SendAcksThatAreDue(), this, Sweep, Sweep);
    }

    /// <summary>Streams open now.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>The server is going.</summary>
    public bool Draining => draining;

    /// <summary>A place for a new stream.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED or UNAVAILABLE, with the time to wait.</exception>
    public void Enter(IngestSession session)
    {
        if (draining)
            throw Refusal.Unavailable("The server is going.", TimeSpan.FromSeconds(1));
        if (Interlocked.Increment(ref count) > options.MaxStreams)
        {
            Interlocked.Decrement(ref count);
            throw Refusal.Exhausted($"{options.MaxStreams} trainer streams are open, which is the limit (MaxStreams).", TimeSpan.FromSeconds(10));
        }

        sessions[session] = 0;
        // Drain may have walked the streams a moment before this one was there.
        if (draining)
            session.GoAway(Reason, 1);
    }

    public void Leave(IngestSession session)
    {
        if (sessions.TryRemove(session, out _))
            Interlocked.Decrement(ref count);
    }

    /// <summary>GoAway to all, then waits until they have left, at most the given time; who stays is closed with UNAVAILABLE.</summary>
    public async Task DrainAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        draining = true;
        foreach (var session in sessions.Keys)
            session.GoAway(Reason, 1);
        await UntilEmptyAsync(limit, time, cancellationToken);
        foreach (var session in sessions.Keys)
            session.Close(new Status(StatusCode.Unavailable, Reason));
        // What they are told is still to be written: a port that closes now would cut it off.
        await UntilEmptyAsync(Parting, time, CancellationToken.None);
    }

    /// <inheritdoc/>
    public void Dispose() => sweep.Dispose();

    private void SendAcksThatAreDue()
    {
        foreach (var (session, _) in sessions)
            session.Outbox.WakeWhenDue();
    }

    private async Task UntilEmptyAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (Count > 0 && time.GetElapsedTime(start) < limit && !cancellationToken.IsCancellationRequested)
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, CancellationToken.None);
    }

    private static readonly TimeSpan Parting = TimeSpan.FromSeconds(2);

    private const string Reason = "The server is going.";
}
