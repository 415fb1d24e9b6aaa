using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Runs.Recovery;

/// <summary>From which position of the frame log each run would have to be recovered. A run registers before its first append after a snapshot,
/// so that no record can be missed by <see cref="Smallest"/>. Thread-safe.</summary>
internal sealed class LogNeeds
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Need> needs = new(StringComparer.Ordinal);

    /// <summary>The run needs the log.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="scan">First position its newest snapshot does not hold.</param>
    /// <param name="keep">First position its fallback snapshot does not hold.</param>
    public void Set(string runId, long scan, long keep)
    {
        lock (gate)
        {
            needs[runId] = new Need(scan, keep);
        }
    }

    /// <summary>The run's newest snapshot holds everything; its fallback still needs the log.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="keep">First position its fallback snapshot does not hold.</param>
    public void SetFallback(string runId, long keep) => Set(runId, long.MaxValue, keep);

    /// <summary>The run needs nothing: there is no run, or it has ended.</summary>
    public void Clear(string runId)
    {
        lock (gate)
        {
            needs.Remove(runId);
        }
    }

    /// <summary>First position that the run's newest snapshot does not hold; null: it holds everything.</summary>
    public long? Of(string runId)
    {
        lock (gate)
        {
            return needs.TryGetValue(runId, out var need) && need.Scan != long.MaxValue ? need.Scan : null;
        }
    }

    /// <summary>Smallest positions over the runs. Never above the first position that is not durable: a crash takes what is there back, and its
    /// position may be given to another record.</summary>
    public (long Scan, long Keep) Smallest(IFrameLog log)
    {
        var next = log.DurablePosition + 1;
        lock (gate)
        {
            var (scan, keep) = (next, next);
            foreach (var need in needs.Values)
            {
                scan = Math.Min(scan, need.Scan);
                keep = Math.Min(keep, need.Keep);
            }

            return (scan, keep);
        }
    }

    private readonly record struct Need(long Scan, long Keep);
}
