using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Runs.Series;

/// <summary>Makes one write of several of the same run, so that a batch has each run once.</summary>
internal static class RunWritesMerge
{
    /// <summary>Merges, oldest first; runs keep the order of their first write.</summary>
    public static IReadOnlyList<RunWrites> Merge(IReadOnlyList<RunWrites> writes)
    {
        // Nearly always each run is there once, and there may be thousands.
        var runs = new HashSet<string>(writes.Count, StringComparer.Ordinal);
        return writes.All(write => runs.Add(write.RunId))
            ? writes
            : [.. writes.GroupBy(write => write.RunId, StringComparer.Ordinal).Select(group => OfOneRun([.. group]))];
    }

    /// <summary>One write of all, oldest first, with the position of the last.</summary>
    /// <param name="writes">At least one, all of one run.</param>
    public static RunWrites OfOneRun(IReadOnlyList<RunWrites> writes) => writes.Count == 1
        ? writes[0]
        : writes[^1] with
        {
            Points = [.. writes.SelectMany(write => write.Points)],
            Blocks = [.. writes.SelectMany(write => write.Blocks)],
            Probes = [.. writes.SelectMany(write => write.Probes)],
            Scalars = [.. writes.SelectMany(write => write.Scalars)],
            Alerts = [.. writes.SelectMany(write => write.Alerts)],
            Row = writes.LastOrDefault(write => write.Row is not null)?.Row,
        };
}
