using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Storage.Log.Files;

/// <summary>The thread that makes groups durable: take what is there, write, fsync, tell. After a failure it keeps the group and tries again.</summary>
internal sealed class LogWriter : IDisposable
{
    private readonly FrameLogOptions options;
    private readonly SegmentSet segments;
    private readonly Func<AppendBuffer> swap;
    private readonly Func<Exception, List<IFrameLogObserver>> onFailure;
    private readonly Action<long> onCommitted;
    private readonly ILogger<FrameLog> logger;
    private readonly TimeProvider time;
    private readonly AutoResetEvent work = new(initialState: false);
    private readonly ManualResetEventSlim stopping = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LogWriter(
        FrameLogOptions options,
        SegmentSet segments,
        Func<AppendBuffer> swap,
        Func<Exception, List<IFrameLogObserver>> onFailure,
        Action<long> onCommitted,
        ILogger<FrameLog> logger,
        TimeProvider time)
    {
        this.options = options;
        this.segments = segments;
        this.swap = swap;
        this.onFailure = onFailure;
        this.onCommitted = onCommitted;
        this.logger = logger;
        this.time = time;
    }

    public void Start() => new Thread(Run) { IsBackground = true, Name = "frame log" }.Start();

    public void Wake() => work.Set();

    public async Task StopAsync()
    {
        stopping.Set();
        work.Set();
        await ended.Task;
    }

    /// <summary>After <see cref="StopAsync"/>.</summary>
    public void Dispose()
    {
        work.Dispose();
        stopping.Dispose();
    }

    private void Run()
    {
        try
        {
            var started = 0L;
            while (true)
            {
                Tidy();
                Pace(started);
                var stop = stopping.IsSet;
                var group = swap();
                if (group.Bytes > 0)
                {
                    started = time.GetTimestamp();
                    if (!Commit(group))
                    {
                        break;
                    }
                }
                else if (stop)
                {
                    break;
                }
                else
                {
                    work.WaitOne();
                }
            }

            ended.SetResult();
        }
        catch (Exception error)
        {
            // Not an I/O failure but a defect: nothing more is promised, and everyone is told.
            FrameLogMessages.Failed(logger, segments.Folder, error);
            Tell(onFailure(error), observer => observer.OnFailed(error));
            ended.TrySetException(error);
        }
    }

    private bool Commit(AppendBuffer group)
    {
        var failed = false;
        while (true)
        {
            try
            {
                segments.Write(group);
                break;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                segments.Abandon();
                if (!failed)
                {
                    failed = true;
                    FrameLogMessages.Failed(logger, segments.Folder, error);
                    Tell(onFailure(error), observer => observer.OnFailed(error));
                }

                if (stopping.Wait(options.RetryInterval))
                {
                    FrameLogMessages.Lost(logger, group.FirstPosition, segments.Folder);
                    return false;
                }
            }
        }

        onCommitted(group.Bytes);
        if (failed)
        {
            FrameLogMessages.Recovered(logger, segments.Folder, group.LastPosition);
        }

        var position = group.LastPosition;
        Tell(group.Observers, observer => observer.OnDurable(position));
        group.Clear();
        return true;
    }

    private void Tidy()
    {
        try
        {
            segments.DeleteReleased();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            FrameLogMessages.CannotDelete(logger, segments.Folder, error);
        }
    }

    /// <summary>Keeps the least time between two groups; after a pause there is nothing to wait for.</summary>
    private void Pace(long started)
    {
        var rest = options.GroupInterval - time.GetElapsedTime(started);
        if (started != 0 && rest > TimeSpan.Zero)
        {
            stopping.Wait(rest);
        }
    }

    private void Tell(IEnumerable<IFrameLogObserver> observers, Action<IFrameLogObserver> say)
    {
        foreach (var observer in observers)
        {
            try
            {
                say(observer);
            }
            catch (Exception error)
            {
                // One run's observer must not stop the log of all runs.
                FrameLogMessages.ObserverFailed(logger, error);
            }
        }
    }
}
