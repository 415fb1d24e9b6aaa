using Akka.Actor;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Runs.Actors;
using TrainingMonitor.Runs.Clustering.Messages;
using TrainingMonitor.Storage.Shared;

namespace TrainingMonitor.Runs.Clustering;

/// <summary>One in the whole cluster: looks for runs whose promised report is overdue, and wakes them. So a run whose node and trainer died together is reported all the same.</summary>
internal sealed partial class OverdueKeeper : UntypedActor, IWithTimers, IDisposable
{
    public const string Name = "overdue";
    private const int MostAtOnce = 500;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // A live run says itself that it is stalled: only those are woken that had time to.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly ISharedRuns runs;
    private readonly IActorRef region;
    private readonly ILogger logger;
    private readonly CancellationTokenSource ending = new();

    public OverdueKeeper(ISharedRuns runs, IActorRef region, ILogger<OverdueKeeper> logger) => (this.runs, this.region, this.logger) = (runs, region, logger);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartSingleTimer(Tick.Instance, Tick.Instance, Interval);

    protected override void PostStop() => ending.Cancel();

    /// <summary>Called by the actor system after the stop.</summary>
    public void Dispose() => ending.Dispose();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick:
                _ = runs.OverdueAsync(Grace, MostAtOnce, ending.Token).PipeTo(Self, failure: error => new Status.Failure(error));
                break;
            case IReadOnlyList<string> overdue:
                foreach (var run in overdue)
                {
                    LogWoken(run);
                    region.Tell(new WakeRun(run));
                }

                Timers.StartSingleTimer(Tick.Instance, Tick.Instance, Interval);
                break;
            case Status.Failure failure:
                LogFailed(failure.Cause);
                Timers.StartSingleTimer(Tick.Instance, Tick.Instance, Interval);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId} has not reported in the time it promised.")]
    private partial void LogWoken(string runId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The shared store does not say which runs are overdue; it is asked again.")]
    private partial void LogFailed(Exception error);
}
