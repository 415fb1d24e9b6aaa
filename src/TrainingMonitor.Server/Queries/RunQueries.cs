using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Errors;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Security;

namespace TrainingMonitor.Server.Queries;

/// <summary>The answers behind gRPC, JSON and pages, to one caller: the live run where it has an actor, the store otherwise. Arguments are checked here, once for all, and so
/// is what the caller may see: a run of another project is not there.</summary>
internal sealed class RunQueries(MonitorServices services, Caller caller)
{
    private const int DefaultRuns = 100;
    private const double DefaultRate = 4;

    /// <summary>Makes it an argument of HTTP endpoints.</summary>
    public static ValueTask<RunQueries?> BindAsync(HttpContext context) =>
        ValueTask.FromResult<RunQueries?>(new RunQueries(context.RequestServices.GetRequiredService<MonitorServices>(), Caller.Of(context)));

    /// <summary>Runs, newest activity first.</summary>
    public async Task<ListRunsResponse> ListRunsAsync(ListRunsRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        var limit = request.Limit == 0 ? DefaultRuns : (int)request.Limit;
        var runs = new Dictionary<string, RunSummary>(StringComparer.Ordinal);
        foreach (var project in Projects(request.Project))
        {
            foreach (var stored in await services.Store.ListRunsAsync(project, limit, cancellationToken))
                runs[stored.RunId] = stored;
            // The live ones are newer than the store.
            foreach (var live in await services.Gateway.ListLiveAsync(project, limit, cancellationToken))
                runs[live.RunId] = live;
        }

        return new ListRunsResponse { Runs = { runs.Values.OrderByDescending(r => r.UpdatedUnixNs).ThenBy(r => r.RunId, StringComparer.Ordinal).Take(limit) } };
    }

    /// <summary>One run.</summary>
    public Task<RunDetail> GetRunAsync(GetRunRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        return RequireAsync(request.RunId, cancellationToken);
    }

    /// <summary>Series in buckets.</summary>
    public async Task<SeriesResponse> GetSeriesAsync(SeriesRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        await ShowAsync(request.RunId, cancellationToken);
        var response = await services.Store.GetSeriesAsync(request, cancellationToken);
        if (response.Series.Count == 0)
            await RequireAsync(request.RunId, cancellationToken);
        return response;
    }

    /// <summary>Series that have data.</summary>
    public async Task<ListSeriesResponse> ListSeriesAsync(ListSeriesRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        await ShowAsync(request.RunId, cancellationToken);
        var series = await services.Store.ListSeriesAsync(request.RunId, cancellationToken);
        if (series.Count == 0)
            await RequireAsync(request.RunId, cancellationToken);
        return new ListSeriesResponse { Series = { series } };
    }

    /// <summary>Alert transitions, oldest first.</summary>
    public async Task<ListAlertsResponse> ListAlertsAsync(ListAlertsRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        if (request.RunId.Length == 0)
        {
            return new ListAlertsResponse { Alerts = { caller.Projects is { } projects
                ? await services.Store.ListAlertsAsync(request, projects, cancellationToken)
                : await services.Store.ListAlertsAsync(request, cancellationToken) } };
        }

        await ShowAsync(request.RunId, cancellationToken);
        var alerts = await services.Store.ListAlertsAsync(request, cancellationToken);
        if (alerts.Count == 0)
            await RequireAsync(request.RunId, cancellationToken);
        return new ListAlertsResponse { Alerts = { alerts } };
    }

    /// <summary>Everything around a step.</summary>
    public async Task<AroundResponse> GetAroundAsync(AroundRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        await RequireAsync(request.RunId, cancellationToken);
        return await services.Store.GetAroundAsync(request, cancellationToken);
    }

    /// <summary>The run now, then its updates until it ends.</summary>
    public async IAsyncEnumerable<RunUpdate> WatchRunAsync(WatchRunRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Check(request);
        await ShowAsync(request.RunId, cancellationToken);
        if (await services.Gateway.GetLiveAsync(request.RunId, cancellationToken) is null)
        {
            // A run that ended has one last word.
            var stored = await services.Store.GetRunAsync(request.RunId, cancellationToken) ?? throw Unknown(request.RunId);
            yield return new RunUpdate { Summary = stored.Summary, Estimates = { stored.Estimates } };
            yield break;
        }

        await foreach (var update in services.Gateway.WatchAsync(request.RunId, request.MaxPerSecond == 0 ? DefaultRate : request.MaxPerSecond, cancellationToken))
            yield return update;
    }

    /// <summary>Alert transitions from now on.</summary>
    public async IAsyncEnumerable<Alert> WatchAlertsAsync(WatchAlertsRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Check(request);
        if (request.RunId.Length > 0)
            await RequireAsync(request.RunId, cancellationToken);
        // Only what is seen is kept: a run that is on its way from actor to store may be seen a moment later.
        var shown = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var alert in services.Gateway.WatchAlertsAsync(request.RunId, cancellationToken))
        {
            if (caller.Projects is not null && !shown.Contains(alert.RunId))
            {
                if (!await SeesAsync(alert.RunId, cancellationToken))
                    continue;
                shown.Add(alert.RunId);
            }

            yield return alert;
        }
    }

    /// <summary>The recording of a run, in pieces.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> GetRecordingAsync(RecordingRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Check(request);
        await RequireAsync(request.RunId, cancellationToken);
        await foreach (var piece in services.Recordings.ReadAsync(request.RunId, cancellationToken))
            yield return piece;
    }

    /// <summary>Whether there is such a run for this caller.</summary>
    public async Task<bool> SeesAsync(string runId, CancellationToken cancellationToken) => await FindAsync(runId, cancellationToken) is not null;

    private void Check(object request)
    {
        caller.Check();
        QueryValidation.Check(request);
    }

    // What a store is asked for: "" is everything, and nothing is asked of a project that the caller does not see.
    private IEnumerable<string> Projects(string wanted) =>
        caller.Projects is not { } own ? [wanted] : wanted.Length == 0 ? own : own.Where(p => string.Equals(p, wanted, StringComparison.Ordinal));

    // Who sees all is spared the question.
    private Task ShowAsync(string runId, CancellationToken cancellationToken) => caller.Projects is null ? Task.CompletedTask : RequireAsync(runId, cancellationToken);

    private async Task<RunDetail> RequireAsync(string runId, CancellationToken cancellationToken) => await FindAsync(runId, cancellationToken) ?? throw Unknown(runId);

    private async Task<RunDetail?> FindAsync(string runId, CancellationToken cancellationToken)
    {
        var run = await services.Gateway.GetLiveAsync(runId, cancellationToken) ?? await services.Store.GetRunAsync(runId, cancellationToken);
        return run is not null && caller.Sees(run.Summary.Project) ? run : null;
    }

    private static Grpc.Core.RpcException Unknown(string runId) => Refusal.NotFound("run_id", $"There is no run \"{runId}\".");
}
