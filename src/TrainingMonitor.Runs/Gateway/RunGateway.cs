using System.Runtime.CompilerServices;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.Gateway;

internal sealed class RunGateway : IRunGateway
{
    public IReadOnlyList<RunSummary> LiveRuns => [];

    public IReadOnlyDictionary<string, double> Metrics { get; } = new Dictionary<string, double>();

    public Task<IRunStream> OpenAsync(Hello hello, IIngestSession session, CancellationToken cancellationToken) =>
        Task.FromException<IRunStream>(new RpcException(new Status(StatusCode.Unavailable, "No run actors.")));

    public Task<RunDetail?> GetLiveAsync(string runId, CancellationToken cancellationToken) => Task.FromResult<RunDetail?>(null);

    public async IAsyncEnumerable<RunUpdate> WatchAsync(
        string runId, double maxPerSecond, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield break;
    }

    public async IAsyncEnumerable<Alert> WatchAlertsAsync(string runId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield break;
    }

    public Task<bool> AdviseAsync(string runId, Advice advice, CancellationToken cancellationToken) => Task.FromResult(false);
}
