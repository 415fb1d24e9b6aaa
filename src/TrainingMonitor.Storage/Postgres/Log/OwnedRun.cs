using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Log.Files;
using TrainingMonitor.Storage.Shared;
using TrainingMonitor.Storage.Snapshots;

namespace TrainingMonitor.Storage.Postgres.Log;

/// <summary>A run in the hands of this node: what it has appended and what of it is durable.</summary>
internal sealed class OwnedRun : IOwnedRun
{
    private readonly Lock gate = new();
    private readonly Committer committer;
    private readonly SnapshotTable snapshots;
    private readonly IFrameLogObserver observer;
    private readonly Queue<Chunk> waiting = new();
    private Chunk? open;
    private long last;
    private long durable;
    private TimeSpan? within;
    private bool promiseChanged;
    private bool queued;
    private bool fenced;
    private bool left;
    private int toldOutage;

    public OwnedRun(string runId, long epoch, long position, IFrameLogObserver observer, Committer committer, SnapshotTable snapshots)
    {
        (RunId, Epoch) = (runId, epoch);
        last = durable = position;
        this.observer = observer;
        this.committer = committer;
        this.snapshots = snapshots;
    }

    public string RunId { get; }

    public long Epoch { get; }

    public long LastPosition => Volatile.Read(ref last);

    public long DurablePosition => Volatile.Read(ref durable);

    public long PendingBytes => committer.PendingBytes;

    public long Append(FrameRecordKind kind, int attempt, int rank, ReadOnlySpan<byte> body)
    {
        if (body.Length > RecordFormat.MaxBody)
        {
            throw new ArgumentException($"A record holds a body of at most {RecordFormat.MaxBody} bytes.", nameof(body));
        }

        var size = ChunkFormat.RecordSize(body.Length);
        lock (gate)
        {
            if (fenced)
            {
                throw new FencedException(RunId, Epoch);
            }

            if (left)
            {
                throw new IOException($"The owner has left run {RunId}.");
            }

            committer.Reserve(size);
            if (open is not null && !open.Fits(size))
            {
                waiting.Enqueue(open);
                open = null;
            }

            var position = last + 1;
            open ??= new Chunk(position);
            open.Add(kind, attempt, rank, body);
            Volatile.Write(ref last, position);
            Enqueue();
            return position;
        }
    }

    public void Promise(TimeSpan? within)
    {
        lock (gate)
        {
            if (this.within != within && !fenced && !left)
            {
                this.within = within;
                promiseChanged = true;
                Enqueue();
            }
        }
    }

    public void Leave()
    {
        lock (gate)
        {
            left = true;
            if (!queued)
            {
                committer.Forget(this);
            }
        }
    }

    public Task<Snapshot?> LoadSnapshotAsync(CancellationToken cancellationToken) => snapshots.LoadAsync(RunId, cancellationToken);

    public Task RejectSnapshotAsync(Snapshot snapshot, string reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return snapshots.RejectAsync(RunId, snapshot.Position, reason, cancellationToken);
    }

    public Task SaveSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return snapshots.SaveAsync(snapshot with { RunId = RunId }, Epoch, cancellationToken);
    }

    /// <summary>What is written next; the run stays in the committer's hands until <see cref="OnDurable"/> or <see cref="OnFenced"/>.</summary>
    public GroupItem Take()
    {
        lock (gate)
        {
            promiseChanged = false;
            if (!waiting.TryDequeue(out var chunk))
            {
                (chunk, open) = (open, null);
            }

            return chunk is null
                ? new GroupItem(this, durable + 1, durable, null, default, within)
                : new GroupItem(this, chunk.First, chunk.Last, chunk, chunk.Seal(), within);
        }
    }

    /// <summary>An item has been written. True: there is more.</summary>
    public bool OnDurable(GroupItem item)
    {
        IFrameLogObserver? told;
        bool more;
        lock (gate)
        {
            told = left || item.Chunk is null ? null : observer;
            Volatile.Write(ref durable, item.Last);
            queued = more = waiting.Count > 0 || open is not null || promiseChanged;
            if (left && !more)
            {
                committer.Forget(this);
            }
        }

        if (told is not null)
        {
            committer.Tell(() => told.OnDurable(item.Last));
        }

        return more;
    }

    /// <summary>Somebody else has the run. What waits goes nowhere.</summary>
    public void OnFenced()
    {
        IFrameLogObserver? told;
        lock (gate)
        {
            told = left ? null : observer;
            fenced = true;
            queued = false;
            if (open is not null)
            {
                waiting.Enqueue(open);
                open = null;
            }

            while (waiting.TryDequeue(out var chunk))
            {
                committer.Release(chunk);
            }

            committer.Forget(this);
        }

        if (told is not null)
        {
            committer.Tell(told.OnFenced);
        }
    }

    /// <summary>The database fails. Told once an outage, and only where something waits.</summary>
    public void OnFailed(Exception error, int outage)
    {
        lock (gate)
        {
            if (left || fenced || last == durable || toldOutage == outage)
            {
                return;
            }

            toldOutage = outage;
        }

        committer.Tell(() => observer.OnFailed(error));
    }

    private void Enqueue()
    {
        if (!queued)
        {
            queued = true;
            committer.Enqueue(this);
        }
    }
}
