using System.Threading.Channels;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.Watching;

/// <summary>One reader of one run. The actor only marks it; the reader then asks for the state as it is, so that states are skipped and alerts are not.</summary>
internal sealed class RunSubscriber
{
    private readonly Channel<bool> marks = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Channel<RunUpdate> updates = Channel.CreateUnbounded<RunUpdate>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Transitions since the last update; touched by the actor only.</summary>
    public List<Alert> Alerts { get; } = [];

    /// <summary>Something is new.</summary>
    public void Mark() => marks.Writer.TryWrite(true);

    /// <summary>Answers a pull.</summary>
    public void Answer(RunUpdate update) => updates.Writer.TryWrite(update);

    /// <summary>No more will come.</summary>
    public void End()
    {
        marks.Writer.TryComplete();
        updates.Writer.TryComplete();
    }

    /// <summary>Waits for something new; false: ended.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => WaitAndTakeAsync(marks.Reader, cancellationToken);

    /// <summary>The answer to a pull; null: ended.</summary>
    public async ValueTask<RunUpdate?> ReadAsync(CancellationToken cancellationToken) =>
        await updates.Reader.WaitToReadAsync(cancellationToken) && updates.Reader.TryRead(out var update) ? update : null;

    private static async ValueTask<bool> WaitAndTakeAsync(ChannelReader<bool> reader, CancellationToken cancellationToken) =>
        await reader.WaitToReadAsync(cancellationToken) && reader.TryRead(out _);
}
