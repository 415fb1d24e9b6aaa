using System.Threading.Channels;

namespace TrainingMonitor.Client.Speaking;

/// <summary>Runs the user's handlers one after the other on a background thread, so that a slow handler delays neither acks nor training. The oldest calls are dropped when 1024 wait.</summary>
internal sealed class CallbackQueue
{
    private readonly Channel<Action> calls = Channel.CreateBounded<Action>(
        new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private readonly Speaker speaker;

    public CallbackQueue(Speaker speaker)
    {
        this.speaker = speaker;
        Completion = Task.Run(RunAsync);
    }

    /// <summary>Completes when the queue was closed and is empty.</summary>
    public Task Completion { get; }

    public void Post(Action call) => calls.Writer.TryWrite(call);

    public void Close() => calls.Writer.TryComplete();

    private async Task RunAsync()
    {
        await foreach (var call in calls.Reader.ReadAllAsync())
        {
            try
            {
                call();
            }
            catch (Exception e)
            {
                // A handler is user code on a thread of ours: its error must not end the process or the client.
                speaker.Once($"handler {e.GetType()}", $"a handler of OnAlert or OnAdvice failed with {e.GetType().Name}: {e.Message}");
            }
        }
    }
}
