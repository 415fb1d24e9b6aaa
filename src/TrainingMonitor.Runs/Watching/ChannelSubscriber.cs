using System.Threading.Channels;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.Watching;

/// <summary>A reader in this process.</summary>
internal sealed class ChannelSubscriber : RunSubscriber
{
    private readonly Channel<bool> marks = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Channel<RunUpdate> updates = Channel.CreateUnbounded<RunUpdate>(new UnboundedChannelOptions { SingleReader = true });

    public override void Mark() => marks.Writer.TryWrite(true);

    public override void Answer(RunUpdate update) => updates.Writer.TryWrite(update);

    public override void End()
    {
        marks.Writer.TryComplete();
        updates.Writer.TryComplete();
    }

    /// <summary>Waits for something new; false: ended.</summary>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken) =>
        await marks.Reader.WaitToReadAsync(cancellationToken) && marks.Reader.TryRead(out _);

    /// <summary>The answer to a pull; null: ended.</summary>
    public async ValueTask<RunUpdate?> ReadAsync(CancellationToken cancellationToken) =>
        await updates.Reader.WaitToReadAsync(cancellationToken) && updates.Reader.TryRead(out var update) ? update : null;
}
