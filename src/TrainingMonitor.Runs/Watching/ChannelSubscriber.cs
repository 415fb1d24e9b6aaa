using System.Runtime.CompilerServices;
using System.Threading.Channels;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.Watching;

/// <summary>A reader in this process.</summary>
internal sealed class ChannelSubscriber : RunSubscriber
{
    private const double DefaultPerSecond = 4;
    private const double MostPerSecond = 1000;
    private readonly Channel<bool> marks = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Channel<RunUpdate> updates = Channel.CreateUnbounded<RunUpdate>(new UnboundedChannelOptions { SingleReader = true });

    public override void Mark() => marks.Writer.TryWrite(true);

    public override void Answer(RunUpdate update) => updates.Writer.TryWrite(update);

    public override void End()
    {
        marks.Writer.TryComplete();
        updates.Writer.TryComplete();
    }

    /// <summary>The run as it is, each time that something is new, at most so often; ends with the run.</summary>
    /// <param name="maxPerSecond">Updates a second; 0: 4.</param>
    /// <param name="join">Tells the run's actor of the reader, when reading begins.</param>
    /// <param name="pull">Asks it for an answer.</param>
    /// <param name="leave">Tells it that nobody reads any more.</param>
    /// <param name="time">Clock of the pauses.</param>
    /// <param name="cancellationToken">The reader goes.</param>
    public async IAsyncEnumerable<RunUpdate> ReadAllAsync(double maxPerSecond, Action join, Action pull, Action leave, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromSeconds(1 / (maxPerSecond > 0 ? Math.Min(maxPerSecond, MostPerSecond) : DefaultPerSecond));
        join();
        try
        {
            while (await WaitAsync(cancellationToken))
            {
                pull();
                if (await ReadAsync(cancellationToken) is not { } update)
                {
                    yield break;
                }

                yield return update;
                await Task.Delay(pause, time, cancellationToken);
            }
        }
        finally
        {
            leave();
        }
    }

    private async ValueTask<bool> WaitAsync(CancellationToken cancellationToken) =>
        await marks.Reader.WaitToReadAsync(cancellationToken) && marks.Reader.TryRead(out _);

    // The answer to a pull; null: ended.
    private async ValueTask<RunUpdate?> ReadAsync(CancellationToken cancellationToken) =>
        await updates.Reader.WaitToReadAsync(cancellationToken) && updates.Reader.TryRead(out var update) ? update : null;
}
