using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Queries;

namespace TrainingMonitor.Server.Pages.Runs;

/// <summary>Alert transitions of a run, read on from the newest one seen.</summary>
internal sealed class RunAlerts
{
    // Beyond it the oldest are left out of the page; the command line and JSON have them all.
    private const int Limit = 500;
    private readonly List<Alert> seen = [];

    /// <summary>All transitions up to now, oldest first. The same list as long as nothing is new.</summary>
    public async Task<IReadOnlyList<Alert>> ReadAsync(RunQueries queries, string runId, CancellationToken cancellationToken)
    {
        var after = seen.Count == 0 ? 0 : seen[^1].Ordinal;
        var more = await queries.ListAlertsAsync(new ListAlertsRequest { RunId = runId, AfterOrdinal = after }, cancellationToken);
        seen.AddRange(more.Alerts.Where(a => a.Ordinal > after));
        if (seen.Count > Limit)
            seen.RemoveRange(0, seen.Count - Limit);
        return [.. seen];
    }
}
