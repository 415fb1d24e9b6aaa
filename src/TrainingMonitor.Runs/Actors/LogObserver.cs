using Akka.Actor;
using TrainingMonitor.Runs.Hosting;
using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Runs.Actors;

/// <summary>Tells a run's actor about the log, with at most one message waiting.</summary>
internal sealed class LogObserver(IActorRef actor, NodeMetrics metrics) : IFrameLogObserver
{
    private long position;
    private int told;

    public void OnDurable(long position)
    {
        metrics.DurableGroup();
        Volatile.Write(ref this.position, position);
        if (Interlocked.Exchange(ref told, 1) == 0)
        {
            actor.Tell(DurableAdvanced.Instance);
        }
    }

    public void OnFailed(Exception error) => actor.Tell(new LogFailed(error));

    public void OnFenced() => actor.Tell(Fenced.Instance);

    /// <summary>The newest durable position; a later one is told again.</summary>
    public long Take()
    {
        Interlocked.Exchange(ref told, 0);
        return Volatile.Read(ref position);
    }
}
