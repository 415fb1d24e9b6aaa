using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Security;

namespace TrainingMonitor.Server.Queries;

/// <summary>The gRPC side of <see cref="RunQueries"/>.</summary>
internal sealed class QueriesService(MonitorServices services, IHostApplicationLifetime lifetime) : Protocol.V1.Queries.QueriesBase
{
    public override Task<ListRunsResponse> ListRuns(ListRunsRequest request, ServerCallContext context) => For(context).ListRunsAsync(request, context.CancellationToken);

    public override Task<RunDetail> GetRun(GetRunRequest request, ServerCallContext context) => For(context).GetRunAsync(request, context.CancellationToken);

    public override Task<SeriesResponse> GetSeries(SeriesRequest request, ServerCallContext context) => For(context).GetSeriesAsync(request, context.CancellationToken);

    public override Task<ListSeriesResponse> ListSeries(ListSeriesRequest request, ServerCallContext context) => For(context).ListSeriesAsync(request, context.CancellationToken);

    public override Task<ListAlertsResponse> ListAlerts(ListAlertsRequest request, ServerCallContext context) => For(context).ListAlertsAsync(request, context.CancellationToken);

    public override Task<AroundResponse> GetAround(AroundRequest request, ServerCallContext context) => For(context).GetAroundAsync(request, context.CancellationToken);

    public override Task WatchRun(WatchRunRequest request, IServerStreamWriter<RunUpdate> responseStream, ServerCallContext context) =>
        ForwardAsync((queries, token) => queries.WatchRunAsync(request, token), responseStream, context, static u => u);

    public override Task WatchAlerts(WatchAlertsRequest request, IServerStreamWriter<Alert> responseStream, ServerCallContext context) =>
        ForwardAsync((queries, token) => queries.WatchAlertsAsync(request, token), responseStream, context, static a => a);

    public override Task GetRecording(RecordingRequest request, IServerStreamWriter<RecordingChunk> responseStream, ServerCallContext context) =>
        ForwardAsync((queries, token) => queries.GetRecordingAsync(request, token), responseStream, context, static m => new RecordingChunk { Data = UnsafeByteOperations.UnsafeWrap(m) });

    private RunQueries For(ServerCallContext context) => new(services, Caller.Of(context.GetHttpContext()));

    // Ends with the caller, its right, the source, or the server.
    private async Task ForwardAsync<TItem, TMessage>(Func<RunQueries, CancellationToken, IAsyncEnumerable<TItem>> source, IServerStreamWriter<TMessage> target, ServerCallContext context, Func<TItem, TMessage> message)
    {
        var caller = Caller.Of(context.GetHttpContext());
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping, caller.Gone);
        // Headers at once: the reader knows that it is heard before the first message.
        await context.WriteResponseHeadersAsync([]);
        try
        {
            await foreach (var item in source(For(context), end.Token))
                await target.WriteAsync(message(item), end.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw Errors.Refusal.Unavailable("The server is going.", TimeSpan.FromSeconds(1));
        }
        catch (OperationCanceledException) when (caller.Gone.IsCancellationRequested)
        {
            throw caller.Ended();
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            // The reader has gone; there is nobody to tell.
        }
    }
}
