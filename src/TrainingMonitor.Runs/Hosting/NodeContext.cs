using Microsoft.Extensions.Logging;
using TrainingMonitor.Runs.Recovery;
using TrainingMonitor.Runs.Series;
using TrainingMonitor.Runs.Watching;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Snapshots;

namespace TrainingMonitor.Runs.Hosting;

/// <summary>What the run actors of a node share. Everything in it is thread-safe.</summary>
internal sealed class NodeContext(
    MonitorNodeOptions options, IFrameLog log, ISeriesStore series, ISnapshotStore snapshots, TimeProvider time, ILoggerFactory loggers)
{
    public MonitorNodeOptions Options { get; } = options;

    public IFrameLog Log { get; } = log;

    public ISeriesStore Series { get; } = series;

    public ISnapshotStore Snapshots { get; } = snapshots;

    public TimeProvider Time { get; } = time;

    public ILoggerFactory Loggers { get; } = loggers;

    public NodeMetrics Metrics { get; } = new();

    public RunDirectory Runs { get; } = new();

    public AlertHub Alerts { get; } = new();

    public LogNeeds LogNeeds { get; } = new();

    public SeriesWriter Writer { get; } = new(series, time, loggers.CreateLogger<SeriesWriter>());
}
