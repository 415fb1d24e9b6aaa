using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Runs.Homes;

/// <summary>Where a node's runs are kept: in its own folder, or in the stores of a cluster. The actors are the same.</summary>
internal interface IRunHome
{
    /// <summary>Tells a run's parent that the run has nothing to do; the parent then sends <see cref="Actors.StopRun"/>.</summary>
    object Passivation { get; }

    /// <summary>A run is read only when a trainer comes, not when somebody asks whether it is here.</summary>
    bool LoadsOnDemand { get; }

    /// <summary>Takes a run and reads it back; a run that nobody knows is new.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="observer">Is told what becomes durable.</param>
    /// <param name="cancellationToken">The actor has ended.</param>
    Task<HeldRun> LoadAsync(string runId, IFrameLogObserver observer, CancellationToken cancellationToken);
}
