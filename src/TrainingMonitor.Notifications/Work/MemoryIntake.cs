using System.Data.Common;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Notifications.Work;

/// <summary>In front of the intake: what a failing disk does not take waits here, in order and bounded, so that series are written all the same. Thread-safe.</summary>
internal sealed class MemoryIntake(AlertIntake intake, ILogger logger)
{
    /// <summary>Batches that may wait.</summary>
    public const int Capacity = 10_000;

    private readonly Queue<(string Run, string Project, IReadOnlyList<Alert> Alerts, bool? Ended)> waiting = [];

    public int Count
    {
        get
        {
            lock (waiting)
            {
                return waiting.Count;
            }
        }
    }

    /// <summary>Batches that had to go.</summary>
    public long Lost { get; private set; }

    public void Take(string run, string project, IReadOnlyList<Alert> alerts, bool? ended)
    {
        lock (waiting)
        {
            if (waiting.Count == Capacity)
            {
                waiting.Dequeue();
                Lost++;
            }

            waiting.Enqueue((run, project, alerts, ended));
            Retry();
        }
    }

    public void Retry()
    {
        lock (waiting)
        {
            try
            {
                while (waiting.TryPeek(out var next))
                {
                    intake.Take(next.Run, next.Project, next.Alerts, next.Ended);
                    waiting.Dequeue();
                }
            }
            catch (DbException error)
            {
                NotificationMessages.NotTaken(logger, error);
            }
        }
    }
}
