using System.Threading.Channels;
using TrainingMonitor.Relay.Frames;

namespace TrainingMonitor.Relay.Sessions;

/// <summary>Frames on their way to the process. A process that does not read loses alerts, oldest first; it never holds up the relay.</summary>
internal sealed class Outbox
{
    private readonly Channel<byte[]> frames = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>Queues a header.</summary>
    public void Post(byte[] header) => frames.Writer.TryWrite(header);

    /// <summary>Nothing more comes.</summary>
    public void Close() => frames.Writer.TryComplete();

    /// <summary>Writes what is queued until it is closed; a broken connection ends it, its reader says so.</summary>
    public async Task RunAsync(FrameStream stream, CancellationToken stop)
    {
        try
        {
            await foreach (var header in frames.Reader.ReadAllAsync(stop))
            {
                await stream.WriteAsync(header, stop);
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            Close();
        }
    }
}
