using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Tests.Support;

/// <summary>Answers from lists; everything asks for the token "secret".</summary>
internal sealed class FakeQueries : Queries.QueriesBase
{
    public List<RunDetail> Runs { get; } = [];

    public List<Alert> Alerts { get; } = [];

    public List<Series> Series { get; } = [];

    public byte[][] Recording { get; set; } = [];

    public Channel<Alert> LiveAlerts { get; } = Channel.CreateUnbounded<Alert>();

    public List<RunUpdate> Updates { get; } = [];

    public override Task<ListRunsResponse> ListRuns(ListRunsRequest request, ServerCallContext context)
    {
        Authorize(context);
        return Task.FromResult(new ListRunsResponse { Runs = { Runs.Select(run => run.Summary).Where(run => request.Project.Length == 0 || run.Project == request.Project) } });
    }

    public override Task<RunDetail> GetRun(GetRunRequest request, ServerCallContext context)
    {
        Authorize(context);
        return Task.FromResult(Find(request.RunId));
    }

    public override Task<SeriesResponse> GetSeries(SeriesRequest request, ServerCallContext context)
    {
        Find(request.RunId);
        return Task.FromResult(new SeriesResponse { Series = { Series.Where(series => request.Names.Contains(series.Name)) } });
    }

    public override Task<ListAlertsResponse> ListAlerts(ListAlertsRequest request, ServerCallContext context)
    {
        Authorize(context);
        return Task.FromResult(new ListAlertsResponse
        {
            Alerts = { Alerts.Where(alert => (request.RunId.Length == 0 || alert.RunId == request.RunId) && (!request.ActiveOnly || alert.State != AlertState.Resolved)) },
        });
    }

    public override async Task WatchAlerts(WatchAlertsRequest request, IServerStreamWriter<Alert> responseStream, ServerCallContext context)
    {
        await foreach (var alert in LiveAlerts.Reader.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(alert);
        }
    }

    public override async Task WatchRun(WatchRunRequest request, IServerStreamWriter<RunUpdate> responseStream, ServerCallContext context)
    {
        Find(request.RunId);
        foreach (var update in Updates)
        {
            await responseStream.WriteAsync(update);
        }
    }

    public override async Task GetRecording(RecordingRequest request, IServerStreamWriter<RecordingChunk> responseStream, ServerCallContext context)
    {
        Find(request.RunId);
        foreach (var chunk in Recording)
        {
            await responseStream.WriteAsync(new RecordingChunk { Data = ByteString.CopyFrom(chunk) });
        }
    }

    private static void Authorize(ServerCallContext context)
    {
        if (context.RequestHeaders.GetValue("authorization") != "Bearer secret")
        {
            throw new RpcException(new Status(StatusCode.Unauthenticated, "Token missing or wrong."));
        }
    }

    private RunDetail Find(string id) =>
        Runs.Find(run => run.Summary.RunId == id) ?? throw new RpcException(new Status(StatusCode.NotFound, $"run_id: there is no run \"{id}\"."));
}
