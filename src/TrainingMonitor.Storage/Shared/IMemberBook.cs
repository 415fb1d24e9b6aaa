namespace TrainingMonitor.Storage.Shared;

/// <summary>Which nodes there are, so that a node that starts joins them and two that start at once do not make two clusters: docs/design/141. Times are by the store's clock.</summary>
public interface IMemberBook
{
    /// <summary>Enters a node, or renews its entry.</summary>
    Task BeatAsync(MemberEntry member, CancellationToken cancellationToken);

    /// <summary>Nodes that have been entered or renewed within this time, oldest entry first.</summary>
    Task<IReadOnlyList<MemberEntry>> LiveAsync(TimeSpan within, CancellationToken cancellationToken);

    /// <summary>Removes a node that leaves.</summary>
    Task RemoveAsync(string address, Guid start, CancellationToken cancellationToken);

    /// <summary>Whether this node may form a cluster of its own: no joined node has been renewed within <paramref name="within"/>, and no other node was allowed to within the same time.
    /// One transaction, so that of several only one is allowed.</summary>
    Task<bool> MayFormAsync(MemberEntry member, TimeSpan within, CancellationToken cancellationToken);
}
