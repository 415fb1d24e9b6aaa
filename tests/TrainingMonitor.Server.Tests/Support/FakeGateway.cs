using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Gateway;

namespace TrainingMonitor.Server.Tests.Support;

/// <summary>Run actors without actors: takes every frame, acks it at once, and does what a test tells it.</summary>
internal sealed class FakeGateway : IRunGateway
{
    private readonly Channel<Alert> alerts = Channel.CreateUnbounded<Alert>();

    public ConcurrentDictionary<string, RunDetail> Live { get; } = new(StringComparer.Ordinal);

    public List<FakeStream> Streams { get; } = [];

    public Channel<RunUpdate> Updates { get; } = Channel.CreateUnbounded<RunUpdate>();

    public ulong Credits { get; set; } = 16;

    /// <summary>Acks say durable as well.</summary>
    public bool Durable { get; set; } = true;

    public RpcException? Refuse { get; set; }

    public IReadOnlyList<RunSummary> LiveRuns => [.. Live.Values.Select(d => d.Summary)];

    public IReadOnlyDictionary<string, double> Metrics { get; } = new Dictionary<string, double>(StringComparer.Ordinal) { ["runs_active"] = 3, ["steps_total"] = 12 };

    public Task<IRunStream> OpenAsync(Hello hello, IIngestSession session, CancellationToken cancellationToken)
    {
        if (Refuse is not null)
            throw Refuse;
        lock (Streams)
        {
            foreach (var old in Streams.Where(s => s.Hello.RunId == hello.RunId && s.Hello.Rank == hello.Rank))
                old.Session.Close(new Status(StatusCode.Aborted, "A newer stream of this rank took over."));
            var stream = new FakeStream(this, hello, session);
            Streams.Add(stream);
            return Task.FromResult<IRunStream>(stream);
        }
    }

    public Task<RunDetail?> GetLiveAsync(string runId, CancellationToken cancellationToken) => Task.FromResult(Live.GetValueOrDefault(runId));

    public async IAsyncEnumerable<RunUpdate> WatchAsync(string runId, double maxPerSecond, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var update in Updates.Reader.ReadAllAsync(cancellationToken))
            yield return update;
    }

    public async IAsyncEnumerable<Alert> WatchAlertsAsync(string runId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var alert in alerts.Reader.ReadAllAsync(cancellationToken))
            yield return alert;
    }

    public Task<bool> AdviseAsync(string runId, Advice advice, CancellationToken cancellationToken) => Task.FromResult(false);

    public void Raise(Alert alert) => alerts.Writer.TryWrite(alert);
}
