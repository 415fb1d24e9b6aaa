using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Runs.Series;

/// <summary>Makes one write of several of the same run, so that a batch has each run once.</summary>
internal static class RunWritesMerge
{
    /// <summary>Merges, oldest first; runs keep the order of their first write.</summary>
    public static IReadOnlyList<RunWrites> Merge(IEnumerable<RunWrites> writes)
    {
        var merged = new List<RunWrites>();
        foreach (var group in writes.GroupBy(write => write.RunId, StringComparer.Ordinal))
        {
            var all = group.ToList();
            merged.Add(all.Count == 1 ? all[0] : all[^1] with
            {
                Points = [.. all.SelectMany(write => write.Points)],
                Blocks = [.. all.SelectMany(write => write.Blocks)],
                Probes = [.. all.SelectMany(write => write.Probes)],
                Scalars = [.. all.SelectMany(write => write.Scalars)],
                Alerts = [.. all.SelectMany(write => write.Alerts)],
                Row = all.FindLast(write => write.Row is not null)?.Row,
            });
        }

        return merged;
    }
}
