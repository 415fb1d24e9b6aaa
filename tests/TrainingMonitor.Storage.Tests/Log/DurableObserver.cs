using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Storage.Tests.Log;

/// <summary>Remembers what the log has promised.</summary>
internal sealed class DurableObserver : IFrameLogObserver
{
    private readonly Lock gate = new();
    private readonly List<(long Position, TaskCompletionSource Reached)> waits = [];
    private readonly TaskCompletionSource fenced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception> failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Durable { get; private set; }

    public int Calls { get; private set; }

    public int Failures { get; private set; }

    public int Fences { get; private set; }

    public Task<Exception> Failed => failed.Task;

    public Task Fenced => fenced.Task;

    public void OnDurable(long position)
    {
        lock (gate)
        {
            Calls++;
            position.ShouldBeGreaterThan(Durable);
            Durable = position;
            waits.Where(wait => wait.Position <= position).ToList().ForEach(wait => wait.Reached.TrySetResult());
        }
    }

    public void OnFailed(Exception error)
    {
        Failures++;
        failed.TrySetResult(error);
    }

    public void OnFenced()
    {
        Fences++;
        fenced.TrySetResult();
    }

    public Task ReachesAsync(long position)
    {
        lock (gate)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (Durable >= position)
            {
                reached.SetResult();
            }

            waits.Add((position, reached));
            return reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }
}
