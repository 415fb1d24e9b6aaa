using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.Gateway;

/// <summary>What the server uses of the run actors.</summary>
public interface IRunGateway
{
    /// <summary>Opens a trainer stream. The Hello is validated already. Completes when the run is recovered and its actor has answered.</summary>
    /// <exception cref="Grpc.Core.RpcException">The run refuses (finished, too many runs, disk failed).</exception>
    Task<IRunStream> OpenAsync(Hello hello, IIngestSession session, CancellationToken cancellationToken);

    /// <summary>Live details of a run that has an actor; null: ask the store.</summary>
    Task<RunDetail?> GetLiveAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Summaries of runs that have an actor on this node.</summary>
    IReadOnlyList<RunSummary> LiveRuns { get; }

    /// <summary>Summaries of runs that have an actor on any node, newest activity first. A node that does not answer in time is left out.</summary>
    /// <param name="project">Only of this project; empty: all.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<RunSummary>> ListLiveAsync(string project, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RunSummary>>([.. LiveRuns.Where(run => project.Length == 0 || string.Equals(run.Project, project, StringComparison.Ordinal)).Take(limit)]);

    /// <summary>Updates of a run from now on, starting with its state; conflated to the rate when the reader is slow. Ends when the run ends.</summary>
    IAsyncEnumerable<RunUpdate> WatchAsync(string runId, double maxPerSecond, CancellationToken cancellationToken);

    /// <summary>Alert transitions from now on, of one run or (empty) of all.</summary>
    IAsyncEnumerable<Alert> WatchAlertsAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Asks the trainers of a run to do something (stop, probe now, other schedule). False: no trainer is connected.</summary>
    Task<bool> AdviseAsync(string runId, Advice advice, CancellationToken cancellationToken);

    /// <summary>Counters of the node for /metrics, by name.</summary>
    IReadOnlyDictionary<string, double> Metrics { get; }
}
