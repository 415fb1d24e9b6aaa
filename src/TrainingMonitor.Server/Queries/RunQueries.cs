using System.Runtime.CompilerServices;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Errors;
using TrainingMonitor.Server.Hosting;

namespace TrainingMonitor.Server.Queries;

/// <summary>The answers behind gRPC, JSON and pages: the live run where it has an actor, the store otherwise. Arguments are checked here, once for all.</summary>
internal sealed class RunQueries(MonitorServices services)
{
    private const int DefaultRuns = 100;
    private const double DefaultRate = 4;

    /// <summary>Runs, newest activity first.</summary>
    public async Task<ListRunsResponse> ListRunsAsync(ListRunsRequest request, CancellationToken cancellationToken)
    {
        QueryValidation.Check(request);
        var limit = request.Limit == 0 ? DefaultRuns : (int)request.Limit;
        var runs = (await services.Store.ListRunsAsync(request.Project, limit, cancellationToken)).ToDictionary(r => r.RunId, StringComparer.Ordinal);
        foreach (var live in services.Gateway.LiveRuns)
        {
            if (request.Project.Length == 0 || string.Equals(live.Project, request.Project, StringComparison.Ordinal))
                runs[live.RunId] = live;
        }

        return new ListRunsResponse { Runs = { runs.Values.OrderByDescending(r => r.UpdatedUnixNs).ThenBy(r => r.RunId, StringComparer.Ordinal).Take(limit) } };
    }

    /// <summary>One run.</summary>
    public async Task<RunDetail> GetRunAsync(GetRunRequest request, CancellationToken cancellationToken)
    {
        QueryValidation.Check(request);
        return await services.Gateway.GetLiveAsync(request.RunId, cancellationToken)
            ?? await services.Store.GetRunAsync(request.RunId, cancellationToken)
            ?? throw Unknown(request.RunId);
    }

    /// <summary>Series in buckets.</summary>
    public async Task<SeriesResponse> GetSeriesAsync(SeriesRequest request, CancellationToken cancellationToken)
    {
        QueryValidation.Check(request);
        var response = await services.Store.GetSeriesAsync(request, cancellationToken);
        if (response.Series.Count == 0)
            await RequireAsync(request.RunId, cancellationToken);
        return response;
    }

    /// <summary>Series that have data.</summary>
    public async Task<ListSeriesResponse> ListSeriesAsync(ListSeriesRequest request, CancellationToken cancellationToken)
    {
        QueryValidation.Check(request);
        var series = await services.Store.ListSeriesAsync(request.RunId, cancellationToken);
        if (series.Count == 0)
            await RequireAsync(request.RunId, cancellationToken);
        return new ListSeriesResponse { Series = { series } };
    }

    /// <summary>Alert transitions, oldest first.</summary>
    public async Task<ListAlertsResponse> ListAlertsAsync(ListAlertsRequest request, CancellationToken cancellationToken)
    {
        QueryValidation.Check(request);
        var alerts = await services.Store.ListAlertsAsync(request, cancellationToken);
        if (alerts.Count == 0 && request.RunId.Length > 0)
            await RequireAsync(request.RunId, cancellationToken);
        return new ListAlertsResponse { Alerts = { alerts } };
    }

    /// <summary>Everything around a step.</summary>
    public async Task<AroundResponse> GetAroundAsync(AroundRequest request, CancellationToken cancellationToken)
    {
        QueryValidation.Check(request);
        await RequireAsync(request.RunId, cancellationToken);
        return await services.Store.GetAroundAsync(request, cancellationToken);
    }

    /// <summary>The run now, then its updates until it ends.</summary>
    public async IAsyncEnumerable<RunUpdate> WatchRunAsync(WatchRunRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        QueryValidation.Check(request);
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
        QueryValidation.Check(request);
        if (request.RunId.Length > 0)
            await RequireAsync(request.RunId, cancellationToken);
        await foreach (var alert in services.Gateway.WatchAlertsAsync(request.RunId, cancellationToken))
            yield return alert;
    }

    /// <summary>The recording of a run, in pieces.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> GetRecordingAsync(RecordingRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        QueryValidation.Check(request);
        await RequireAsync(request.RunId, cancellationToken);
        await foreach (var piece in services.Recordings.ReadAsync(request.RunId, cancellationToken))
            yield return piece;
    }

    private async Task RequireAsync(string runId, CancellationToken cancellationToken)
    {
        if (await services.Gateway.GetLiveAsync(runId, cancellationToken) is null && await services.Store.GetRunAsync(runId, cancellationToken) is null)
            throw Unknown(runId);
    }

    private static Grpc.Core.RpcException Unknown(string runId) => Refusal.NotFound("run_id", $"There is no run \"{runId}\".");
}
