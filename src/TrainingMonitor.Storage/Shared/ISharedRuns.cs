using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Storage.Shared;

/// <summary>What the nodes of a cluster share of their runs: logs of accepted inputs, snapshots, and who owns which run. Positions count from 1 in each run.
/// docs/design/140.</summary>
public interface ISharedRuns : IAsyncDisposable
{
    /// <summary>Takes a run over, whoever had it: its epoch grows by one, and whatever an earlier owner still tries to write is refused. A run that is not known is made.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="owner">Address of the node, for people.</param>
    /// <param name="observer">Is told what became durable, and that the run has changed hands.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IOwnedRun> ClaimAsync(string runId, string owner, IFrameLogObserver observer, CancellationToken cancellationToken);

    /// <summary>Durable records of a run in order, from a position on.</summary>
    IAsyncEnumerable<FrameRecord> ReadAsync(string runId, long fromPosition, CancellationToken cancellationToken);

    /// <summary>Runs whose promised report is overdue by more than <paramref name="grace"/>, by the store's clock, longest overdue first.</summary>
    Task<IReadOnlyList<string>> OverdueAsync(TimeSpan grace, int limit, CancellationToken cancellationToken);
}
