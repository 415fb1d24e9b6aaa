using System.Threading.Channels;

namespace TrainingMonitor.Storage;

/// <summary>A thread that owns a connection: blocking work runs on it in order, off the thread pool. Callers wait where the queue is full.</summary>
internal sealed class OwnerThread : IAsyncDisposable
{
    private readonly Channel<Action> work;
    private readonly Thread thread;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public OwnerThread(string name, int capacity)
    {
        work = Channel.CreateBounded<Action>(new BoundedChannelOptions(capacity) { SingleReader = true });
        thread = new Thread(Run) { IsBackground = true, Name = name };
        thread.Start();
    }

    /// <summary>Runs a function on the thread. Cancelling works until it has begun.</summary>
    public async Task<T> RunAsync<T>(Func<T> function, CancellationToken cancellationToken)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await work.Writer.WriteAsync(
            () =>
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    result.SetCanceled(cancellationToken);
                    return;
                }

                try
                {
                    result.SetResult(function());
                }
                catch (Exception error)
                {
                    // The caller gets it; the thread lives on.
                    result.SetException(error);
                }
            },
            cancellationToken);
        return await result.Task;
    }

    /// <summary>Runs what is queued and ends the thread.</summary>
    public async ValueTask DisposeAsync()
    {
        work.Writer.TryComplete();
        await ended.Task;
    }

    private void Run()
    {
        while (work.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (work.Reader.TryRead(out var action))
            {
                action();
            }
        }

        ended.SetResult();
    }
}
