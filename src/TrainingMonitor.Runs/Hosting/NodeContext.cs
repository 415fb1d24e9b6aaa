using System.Collections.Concurrent;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Homes;
using TrainingMonitor.Runs.Series;
using TrainingMonitor.Runs.Watching;

namespace TrainingMonitor.Runs.Hosting;

/// <summary>What the run actors of a node share. Everything in it is thread-safe.</summary>
internal sealed class NodeContext(MonitorNodeOptions options, IRunHome home, SeriesWriter writer, TimeProvider time, ILoggerFactory loggers)
{
    public MonitorNodeOptions Options { get; } = options;

    public IRunHome Home { get; } = home;

    public TimeProvider Time { get; } = time;

    public ILoggerFactory Loggers { get; } = loggers;

    public NodeMetrics Metrics { get; } = new();

    public RunDirectory Runs { get; } = new();

    /// <summary>Actors of runs, where no supervisor of this node keeps them.</summary>
    public ConcurrentDictionary<string, IActorRef> Actors { get; } = new(StringComparer.Ordinal);

    /// <summary>Readers of alerts on this node.</summary>
    public AlertHub Alerts { get; } = new();

    /// <summary>Tells all who read alerts, of whatever node, of a transition.</summary>
    public Action<Alert>? Tell { get; set; }

    public SeriesWriter Writer { get; } = writer;

    public void Publish(Alert alert)
    {
        if (Tell is { } everybody)
        {
            everybody(alert);
        }
        else
        {
            Alerts.Publish(alert);
        }
    }
}
