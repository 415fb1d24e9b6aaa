using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Gateway;
using TrainingMonitor.Runs.Hosting;

namespace TrainingMonitor.Runs.Tests.Kit;

/// <summary>A node on stores in memory and a clock of its own.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private MonitorNode? node;

    public MemoryLog Log { get; private init; } = new();

    public MemorySeries Series { get; private init; } = new();

    public MemorySnapshots Snapshots { get; private init; } = new();

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddYears(54));

    public IRunGateway Gateway => node!.Gateway;

    public static async Task<TestNode> StartAsync(MonitorNodeOptions? options = null, TestNode? after = null)
    {
        // A copy of the stores at one moment: series last, as nothing is in them that is not in the log.
        var test = after is null ? new TestNode() : new TestNode { Snapshots = after.Snapshots.Crash(), Series = after.Series.Crash(), Log = after.Log.Crash() };
        test.node = await MonitorNode.StartAsync(
            options ?? new MonitorNodeOptions(), test.Log, test.Series, test.Snapshots, test.Time, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        return test;
    }

    public async Task<(IRunStream Stream, TestSession Session)> OpenAsync(Hello hello)
    {
        var session = new TestSession();
        return (await Gateway.OpenAsync(hello, session, TestContext.Current.CancellationToken), session);
    }

    /// <summary>Opens a stream and sends what the server lacks.</summary>
    public async Task<(IRunStream Stream, TestSession Session)> SendAsync(Trainer trainer, int upTo = int.MaxValue)
    {
        var (stream, session) = await OpenAsync(trainer.Hello());
        Post(stream, trainer.Frames.Take(upTo).Skip((int)stream.Welcome.ResumeAfter));
        return (stream, session);
    }

    public static void Post(IRunStream stream, IEnumerable<TrainerFrame> frames)
    {
        foreach (var frame in frames)
        {
            stream.Post(frame, Google.Protobuf.MessageExtensions.ToByteArray(frame));
        }
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 12_000 && !condition(); i++)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        condition().ShouldBeTrue("it did not happen within 60 s");
    }

    /// <summary>Lets time pass in ticks, so that every timer sees it.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        for (var i = 0; i < time.TotalSeconds; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync() => await node!.DisposeAsync();
}
