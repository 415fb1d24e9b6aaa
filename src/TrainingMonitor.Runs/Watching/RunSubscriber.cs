using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.Watching;

/// <summary>One reader of one run. The actor only marks it; the reader then asks for the state as it is, so that states are skipped and alerts are not.</summary>
internal abstract class RunSubscriber
{
    /// <summary>Transitions since the last update; touched by the actor only.</summary>
    public List<Alert> Alerts { get; } = [];

    /// <summary>Something is new.</summary>
    public abstract void Mark();

    /// <summary>Answers a pull.</summary>
    public abstract void Answer(RunUpdate update);

    /// <summary>No more will come.</summary>
    public abstract void End();
}
