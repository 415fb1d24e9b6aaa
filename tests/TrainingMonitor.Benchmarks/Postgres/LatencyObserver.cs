using System.Diagnostics;
using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Benchmarks.Postgres;

/// <summary>Times how long the oldest record of each row waited.</summary>
internal sealed class LatencyObserver : IFrameLogObserver
{
    private readonly Lock gate = new();
    private readonly Queue<(long Position, long Started)> waiting = new();
    private readonly List<double> milliseconds = [];

    public List<double> Milliseconds
    {
        get
        {
            lock (gate)
            {
                return [.. milliseconds];
            }
        }
    }

    public void Appended(long position)
    {
        lock (gate)
        {
            waiting.Enqueue((position, Stopwatch.GetTimestamp()));
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            milliseconds.Clear();
        }
    }

    public void OnDurable(long position)
    {
        lock (gate)
        {
            var oldest = 0L;
            while (waiting.TryPeek(out var record) && record.Position <= position)
            {
                oldest = oldest == 0 ? record.Started : oldest;
                waiting.Dequeue();
            }

            if (oldest != 0)
            {
                milliseconds.Add(Stopwatch.GetElapsedTime(oldest).TotalMilliseconds);
            }
        }
    }

    public void OnFailed(Exception error) => Console.Error.WriteLine(error.Message);
}
