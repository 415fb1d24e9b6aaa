using System.Runtime.CompilerServices;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Shared;
using TrainingMonitor.Storage.Snapshots;

namespace TrainingMonitor.Runs.Tests.Kit;

/// <summary>Shared stores in memory: the rules of fencing, with nothing on disk. What PostgreSQL adds is tested with PostgreSQL.</summary>
internal sealed class MemoryShared : ISharedRuns, IMemberBook
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Run> runs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (MemberEntry Entry, DateTime Beat)> members = new(StringComparer.Ordinal);
    private (string Address, DateTime When)? formed;

    /// <summary>Runs said to be overdue.</summary>
    public HashSet<string> Overdue { get; } = [];

    /// <summary>Appends are refused.</summary>
    public bool Fails { get; set; }

    /// <summary>Reading a run fails.</summary>
    public Exception? ReadFailure { get; set; }

    public Task<IOwnedRun> ClaimAsync(string runId, string owner, IFrameLogObserver observer, CancellationToken cancellationToken)
    {
        IFrameLogObserver? former;
        Owned owned;
        lock (gate)
        {
            if (!runs.TryGetValue(runId, out var run))
            {
                runs.Add(runId, run = new Run());
            }

            former = run.Observer;
            run.Epoch++;
            (run.Observer, run.Owner) = (observer, owner);
            owned = new Owned(this, runId, run, run.Epoch);
        }

        former?.OnFenced();
        return Task.FromResult<IOwnedRun>(owned);
    }

    public async IAsyncEnumerable<FrameRecord> ReadAsync(string runId, long fromPosition, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (ReadFailure is { } failure)
        {
            throw failure;
        }

        foreach (var record in Records(runId).Where(record => record.Position >= fromPosition))
        {
            yield return record;
        }
    }

    public Task<IReadOnlyList<string>> OverdueAsync(TimeSpan grace, int limit, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<string>>([.. Overdue]);
        }
    }

    /// <summary>The log of a run.</summary>
    public IReadOnlyList<FrameRecord> Records(string runId)
    {
        lock (gate)
        {
            return runs.TryGetValue(runId, out var run) ? [.. run.Records] : [];
        }
    }

    public string Owner(string runId)
    {
        lock (gate)
        {
            return runs[runId].Owner;
        }
    }

    public long Epoch(string runId)
    {
        lock (gate)
        {
            return runs.TryGetValue(runId, out var run) ? run.Epoch : 0;
        }
    }

    public TimeSpan? Promised(string runId)
    {
        lock (gate)
        {
            return runs[runId].Promise;
        }
    }

    public Snapshot? Newest(string runId)
    {
        lock (gate)
        {
            return runs[runId].Snapshots.LastOrDefault();
        }
    }

    public Task BeatAsync(MemberEntry member, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            members[member.Address] = (member, DateTime.UtcNow);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<MemberEntry>> LiveAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<MemberEntry>>([.. members.Values.Where(member => DateTime.UtcNow - member.Beat < within).Select(member => member.Entry)]);
        }
    }

    public Task RemoveAsync(string address, Guid start, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            members.Remove(address);
        }

        return Task.CompletedTask;
    }

    public Task<bool> MayFormAsync(MemberEntry member, TimeSpan within, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (members.Values.Any(other => other.Entry.Joined && DateTime.UtcNow - other.Beat < within) || (formed is { } one && one.Address != member.Address && DateTime.UtcNow - one.When < within))
            {
                return Task.FromResult(false);
            }

            formed = (member.Address, DateTime.UtcNow);
            return Task.FromResult(true);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Run
    {
        public long Epoch { get; set; }

        public string Owner { get; set; } = "";

        public IFrameLogObserver? Observer { get; set; }

        public TimeSpan? Promise { get; set; }

        public List<FrameRecord> Records { get; } = [];

        public List<Snapshot> Snapshots { get; } = [];
    }

    private sealed class Owned(MemoryShared all, string runId, Run run, long epoch) : IOwnedRun
    {
        public string RunId => runId;

        public long Epoch => epoch;

        public long LastPosition => Locked(() => run.Records.Count);

        public long DurablePosition => LastPosition;

        public long PendingBytes => 0;

        public long Append(FrameRecordKind kind, int attempt, int rank, ReadOnlySpan<byte> body)
        {
            var copy = body.ToArray();
            var (position, observer) = Locked(() =>
            {
                if (all.Fails)
                {
                    throw new IOException("The store is away.");
                }

                Check();
                run.Records.Add(new FrameRecord(run.Records.Count + 1, kind, runId, attempt, rank, copy));
                return (run.Records.Count, run.Observer);
            });
            observer?.OnDurable(position);
            return position;
        }

        public Task<Snapshot?> LoadSnapshotAsync(CancellationToken cancellationToken) => Task.FromResult(Locked(() => run.Snapshots.LastOrDefault()));

        public Task RejectSnapshotAsync(Snapshot snapshot, string reason, CancellationToken cancellationToken)
        {
            Locked(() => run.Snapshots.Remove(snapshot));
            return Task.CompletedTask;
        }

        public Task SaveSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken)
        {
            Locked(() =>
            {
                Check();
                run.Snapshots.Add(snapshot);
                return 0;
            });
            return Task.CompletedTask;
        }

        public void Promise(TimeSpan? within) => Locked(() => run.Epoch == epoch ? run.Promise = within : null);

        public void Leave() => Locked(() => run.Epoch == epoch ? run.Observer = null : null);

        private void Check()
        {
            if (run.Epoch != epoch)
            {
                throw new FencedException(runId, epoch);
            }
        }

        private T Locked<T>(Func<T> action)
        {
            lock (all.gate)
            {
                return action();
            }
        }
    }
}
