using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Server.Queries;

/// <summary>The gRPC side of <see cref="RunQueries"/>.</summary>
internal sealed class QueriesService(RunQueries queries, IHostApplicationLifetime lifetime) : Protocol.V1.Queries.QueriesBase
{
    public override Task<ListRunsResponse> ListRuns(ListRunsRequest request, ServerCallContext context) => queries.ListRunsAsync(request, context.CancellationToken);

    public override Task<RunDetail> GetRun(GetRunRequest request, ServerCallContext context) => queries.GetRunAsync(request, context.CancellationToken);

    public override Task<SeriesResponse> GetSeries(SeriesRequest request, ServerCallContext context) => queries.GetSeriesAsync(request, context.CancellationToken);

    public override Task<ListSeriesResponse> ListSeries(ListSeriesRequest request, ServerCallContext context) => queries.ListSeriesAsync(request, context.CancellationToken);

    public override Task<ListAlertsResponse> ListAlerts(ListAlertsRequest request, ServerCallContext context) => queries.ListAlertsAsync(request, context.CancellationToken);

    public override Task<AroundResponse> GetAround(AroundRequest request, ServerCallContext context) => queries.GetAroundAsync(request, context.CancellationToken);

    public override Task WatchRun(WatchRunRequest request, IServerStreamWriter<RunUpdate> responseStream, ServerCallContext context) =>
        ForwardAsync(token => queries.WatchRunAsync(request, token), responseStream, context, static u => u);

    public override Task WatchAlerts(WatchAlertsRequest request, IServerStreamWriter<Alert> responseStream, ServerCallContext context) =>
        ForwardAsync(token => queries.WatchAlertsAsync(request, token), responseStream, context, static a => a);

    public override Task GetRecording(RecordingRequest request, IServerStreamWriter<RecordingChunk> responseStream, ServerCallContext context) =>
        ForwardAsync(token => queries.GetRecordingAsync(request, token), responseStream, context, static m => new RecordingChunk { Data = UnsafeByteOperations.UnsafeWrap(m) });

    // Ends with the caller, with the source, or with the server.
    private async Task ForwardAsync<TItem, TMessage>(Func<CancellationToken, IAsyncEnumerable<TItem>> source, IServerStreamWriter<TMessage> target, ServerCallContext context, Func<TItem, TMessage> message)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        // Headers at once: the reader knows that it is heard before the first message.
        await context.WriteResponseHeadersAsync([]);
        try
        {
            await foreach (var item in source(end.Token))
                await target.WriteAsync(message(item), end.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw Errors.Refusal.Unavailable("The server is going.", TimeSpan.FromSeconds(1));
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            // The reader has gone; there is nobody to tell.
        }
    }
}
