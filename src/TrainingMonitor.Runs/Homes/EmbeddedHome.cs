using Microsoft.Extensions.Logging;
using TrainingMonitor.Runs.Actors;
using TrainingMonitor.Runs.Recovery;
using TrainingMonitor.Runs.Series;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Snapshots;

namespace TrainingMonitor.Runs.Homes;

/// <summary>The home of all runs of an embedded server: one log for all, one file of snapshots.</summary>
internal sealed class EmbeddedHome(IFrameLog log, ISeriesStore series, ISnapshotStore snapshots, SeriesWriter writer, ILoggerFactory loggers) : IRunHome
{
    public IFrameLog Log { get; } = log;

    public ISeriesStore Series { get; } = series;

    public ISnapshotStore Snapshots { get; } = snapshots;

    public SeriesWriter Writer { get; } = writer;

    public LogNeeds Needs { get; } = new();

    public ILoggerFactory Loggers { get; } = loggers;

    public object Passivation => Passivate.Instance;

    public bool LoadsOnDemand => false;

    public async Task<HeldRun> LoadAsync(string runId, IFrameLogObserver observer, CancellationToken cancellationToken) =>
        Hold(await RunLoader.LoadAsync(this, runId, cancellationToken), observer);

    /// <summary>The hold on a run that has been read back.</summary>
    public HeldRun Hold(RecoveredRun run, IFrameLogObserver observer) => new(run, new EmbeddedHold(this, run, observer));
}
