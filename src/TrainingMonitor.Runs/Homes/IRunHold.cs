using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Snapshots;

namespace TrainingMonitor.Runs.Homes;

/// <summary>What the actor of one run does to the stores.</summary>
internal interface IRunHold : IRunLog
{
    /// <summary>Saves a snapshot that the log and the series store have come up to.</summary>
    Task SaveAsync(Snapshot snapshot, CancellationToken cancellationToken);

    /// <summary>The next record is promised within this time; null: nobody waits for one.</summary>
    void Promise(TimeSpan? within);

    /// <summary>The run goes on from what was read back.</summary>
    /// <param name="inputs">Inputs that were read from the log after the snapshot.</param>
    /// <param name="ended">The run has ended.</param>
    void Recovered(int inputs, bool ended);

    /// <summary>A snapshot is saved.</summary>
    /// <param name="position">Its position.</param>
    /// <param name="last">Position of the run's newest input.</param>
    /// <param name="ended">The run has ended.</param>
    void Saved(long position, long last, bool ended);

    /// <summary>The actor ends.</summary>
    /// <param name="everythingSaved">The newest snapshot has all inputs.</param>
    void Leave(bool everythingSaved);
}
