using System.ComponentModel.DataAnnotations;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Runs.Actors;
using TrainingMonitor.Runs.Gateway;
using TrainingMonitor.Runs.Recovery;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Snapshots;

namespace TrainingMonitor.Runs.Hosting;

/// <summary>The run actors of one node, embedded: no remoting, no cluster. The stores belong to the caller, who disposes of them after the node.</summary>
public sealed class MonitorNode : IAsyncDisposable
{
    private readonly NodeContext node;
    private readonly ServiceProvider services;
    private readonly IActorRef supervisor;

    private MonitorNode(NodeContext node, ServiceProvider services, IActorRef supervisor)
    {
        (this.node, this.services, this.supervisor) = (node, services, supervisor);
        Gateway = new RunGateway(node, supervisor);
    }

    /// <summary>What the server uses.</summary>
    public IRunGateway Gateway { get; }

    /// <summary>Recovers every run that was alive and starts its actor; returns when trainers may connect.</summary>
    /// <exception cref="ValidationException">An option is out of range.</exception>
    public static async Task<MonitorNode> StartAsync(
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
        var context = new NodeContext(options, log, series, snapshots, time, loggers);
        var recovered = await new NodeRecovery(context).RunAsync(cancellationToken);
        foreach (var run in recovered)
        {
            context.Runs.Publish(run.Machine.Summary());
        }

        var provider = new ServiceCollection()
            .AddSingleton(loggers)
            .AddSingleton<IHostApplicationLifetime, EmbeddedLifetime>()
            .AddSingleton(typeof(ILogger<>), typeof(Logger<>))
            .AddAkka("trainmon", builder => builder
                .ConfigureLoggers(setup =>
                {
                    setup.ClearLoggers();
                    setup.AddLoggerFactory(loggers);
                })
                .WithRuns(context, recovered))
            .BuildServiceProvider();
        foreach (var hosted in provider.GetServices<IHostedService>())
        {
            await hosted.StartAsync(cancellationToken);
        }

        var actor = await provider.GetRequiredService<ActorRegistry>().GetAsync<RunsSupervisor>(cancellationToken);
        return new MonitorNode(context, provider, actor);
    }

    /// <summary>Closes the streams, waits for the stores at most <see cref="MonitorNodeOptions.StopTimeout"/>, takes snapshots, stops. What the wait
    /// was too short for is in the frame log.</summary>
    public async ValueTask DisposeAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        supervisor.Tell(new StopAll(done));
        await Task.WhenAny(done.Task, Task.Delay(node.Options.StopTimeout));
        await node.Writer.StopAsync(node.Options.StopTimeout);
        await SaveMarkerAsync();
        foreach (var hosted in services.GetServices<IHostedService>())
        {
            await hosted.StopAsync(CancellationToken.None);
        }

        node.Alerts.Complete();
        node.Writer.Dispose();
        await services.DisposeAsync();
    }

    private async Task SaveMarkerAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(node.Options.StopTimeout);
            await new NodeRecovery(node).SaveMarkerAsync(node.LogNeeds.Smallest(node.Log).Scan, limit.Token);
        }
        catch (Exception)
        {
            // Without the marker the next start only reads more of the log.
            node.Metrics.SnapshotFailed();
        }
    }
}
