namespace TrainingMonitor.Server.Hosting;

/// <summary>The node of the embedded server: frame log, series, snapshots and run actors in one folder.</summary>
internal static class EmbeddedNode
{
    /// <summary>Opens the stores and recovers the runs.</summary>
    public static Task<INode> StartAsync(NodeContext context, CancellationToken cancellationToken) =>
        throw new InvalidOperationException($"There is no series store to keep in {context.Folder} yet.");
}
