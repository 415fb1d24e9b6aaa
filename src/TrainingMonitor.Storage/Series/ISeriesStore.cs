using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Storage.Series;

/// <summary>Where series and alerts live. Every implementation passes the contract suite (<c>SeriesStoreContract</c> in the tests).</summary>
public interface ISeriesStore : IAsyncDisposable
{
    /// <summary>Writes a batch in one transaction; when the task completes it survives kill -9. Writes whose position is not above the committed one are ignored.</summary>
    Task WriteAsync(IReadOnlyList<RunWrites> batch, CancellationToken cancellationToken);

    /// <summary>Position committed for each run.</summary>
    Task<IReadOnlyDictionary<string, long>> CommittedPositionsAsync(CancellationToken cancellationToken);

    /// <summary>Position committed for one run; 0: nothing.</summary>
    Task<long> CommittedPositionAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Rows of all runs.</summary>
    Task<IReadOnlyList<RunSummary>> ListRunsAsync(string project, int limit, CancellationToken cancellationToken);

    /// <summary>The stored detail of a run; null where unknown.</summary>
    Task<RunDetail?> GetRunAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Series in buckets of min, max, last and counts. Unknown names give no series.</summary>
    Task<SeriesResponse> GetSeriesAsync(SeriesRequest request, CancellationToken cancellationToken);

    /// <summary>Series that have data.</summary>
    Task<IReadOnlyList<SeriesInfo>> ListSeriesAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Alert transitions, oldest first.</summary>
    Task<IReadOnlyList<Alert>> ListAlertsAsync(ListAlertsRequest request, CancellationToken cancellationToken);

    /// <summary>Alert transitions of some projects, oldest first; of more than the limit the newest. Here: run by run, of the 10,000 newest of each project.</summary>
    async Task<IReadOnlyList<Alert>> ListAlertsAsync(ListAlertsRequest request, IReadOnlyCollection<string> projects, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(projects);
        var alerts = new List<Alert>();
        foreach (var project in projects)
        {
            foreach (var run in await ListRunsAsync(project, 10_000, cancellationToken))
            {
                var ofRun = request.Clone();
                (ofRun.RunId, ofRun.Limit) = (run.RunId, 100_000);
                alerts.AddRange(await ListAlertsAsync(ofRun, cancellationToken));
            }
        }

        return [.. alerts.OrderBy(alert => alert.TimeUnixNs).TakeLast(request.Limit == 0 ? 1000 : (int)request.Limit)];
    }

    /// <summary>Everything around a step.</summary>
    Task<AroundResponse> GetAroundAsync(AroundRequest request, CancellationToken cancellationToken);

    /// <summary>Writes the run-level rows of a run to a file.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="path">Target, replaced.</param>
    /// <param name="format">CSV or Parquet.</param>
    /// <param name="layers">Layer windows instead of run-level rows.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task ExportAsync(string runId, string path, ExportFormat format, bool layers, CancellationToken cancellationToken);
}
