using TrainingMonitor.Storage.Snapshots;

namespace TrainingMonitor.Runs.Tests.Kit;

/// <summary>Snapshots in memory, two of each run.</summary>
internal sealed class MemorySnapshots : ISnapshotStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, List<Snapshot>> all = [];

    public List<string> Rejected { get; } = [];

    /// <summary>Saving a run fails with it.</summary>
    public Exception? SaveFailure { get; set; }

    /// <summary>Loading waits for it.</summary>
    public Task LoadGate { get; set; } = Task.CompletedTask;

    /// <summary>Times that a run was to be saved.</summary>
    public int Saves { get; private set; }

    public Task SaveAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (!snapshot.RunId.Contains('/'))
            {
                Saves++;
                if (SaveFailure is { } failure)
                {
                    return Task.FromException(failure);
                }
            }

            if (!all.TryGetValue(snapshot.RunId, out var list))
            {
                all.Add(snapshot.RunId, list = []);
            }

            list.Add(snapshot);
            if (list.Count > 2)
            {
                list.RemoveAt(0);
            }
        }

        return Task.CompletedTask;
    }

    public async Task<Snapshot?> LoadAsync(string runId, CancellationToken cancellationToken)
    {
        await LoadGate.WaitAsync(cancellationToken);
        lock (gate)
        {
            return all.GetValueOrDefault(runId)?.LastOrDefault();
        }
    }

    public Task RejectAsync(Snapshot snapshot, string reason, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            all[snapshot.RunId].RemoveAll(other => other.Position == snapshot.Position);
            Rejected.Add(reason);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyDictionary<string, long>> PositionsAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyDictionary<string, long>>(
                all.Where(pair => pair.Value.Count > 0).ToDictionary(pair => pair.Key, pair => pair.Value[^1].Position));
        }
    }

    public Task<IReadOnlyDictionary<string, long>> FallbackPositionsAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyDictionary<string, long>>(
                all.Where(pair => pair.Value.Count > 0).ToDictionary(pair => pair.Key, pair => pair.Value[0].Position));
        }
    }

    public Task<long> FallbackPositionAsync(string runId, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult(all.TryGetValue(runId, out var kept) && kept.Count > 0 ? kept[0].Position : 0);
        }
    }

    public MemorySnapshots Crash()
    {
        lock (gate)
        {
            var left = new MemorySnapshots();
            foreach (var (run, list) in all)
            {
                left.all[run] = [.. list];
            }

            return left;
        }
    }

    public void Damage(string runId)
    {
        lock (gate)
        {
            var newest = all[runId][^1];
            all[runId][^1] = newest with { State = newest.State[..(newest.State.Length / 2)] };
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
