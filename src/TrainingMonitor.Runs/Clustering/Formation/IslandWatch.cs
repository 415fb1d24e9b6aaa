namespace TrainingMonitor.Runs.Clustering.Formation;

/// <summary>Whether this node is in the smaller of two clusters that both live: docs/design/141. A split-brain resolver decides once, from what its side saw then; when every node takes every
/// other for unreachable for a moment, two sides can both decide to stay.</summary>
/// <param name="patience">So long it must look the same: longer than a removal or a start takes to be known everywhere.</param>
/// <param name="time">Clock.</param>
internal sealed class IslandWatch(TimeSpan patience, TimeProvider time)
{
    private long? since;

    /// <summary>Looks once.</summary>
    /// <param name="mine">Addresses of this node's cluster, its own among them.</param>
    /// <param name="living">Addresses that the shared store knows as joined and alive.</param>
    /// <returns>This node's cluster has to end: the nodes outside of it are more, or as many and have the lowest address.</returns>
    public bool MustEnd(IReadOnlyCollection<string> mine, IEnumerable<string> living)
    {
        var others = living.Where(address => !mine.Contains(address)).ToList();
        var isSmaller = others.Count > mine.Count
            || (others.Count == mine.Count && string.CompareOrdinal(others.Min(StringComparer.Ordinal), mine.Min(StringComparer.Ordinal)) < 0);
        since = isSmaller ? since ?? time.GetTimestamp() : null;
        return since is { } start && time.GetElapsedTime(start) >= patience;
    }
}
