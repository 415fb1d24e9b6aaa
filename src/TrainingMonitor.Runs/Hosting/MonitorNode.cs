using System.ComponentModel.DataAnnotations;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Runs.Actors;
using TrainingMonitor.Runs.Gateway;
using TrainingMonitor.Runs.Homes;
using TrainingMonitor.Runs.Recovery;
using TrainingMonitor.Runs.Series;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Snapshots;

namespace TrainingMonitor.Runs.Hosting;

/// <summary>The run actors of one node, embedded: no remoting, no cluster. The stores belong to the caller, who disposes of them after the node.</summary>
public sealed class MonitorNode : IAsyncDisposable
{
    private readonly NodeContext node;
    private readonly EmbeddedHome home;
    private readonly ServiceProvider services;
    private readonly IActorRef supervisor;

    private MonitorNode(NodeContext node, EmbeddedHome home, ServiceProvider services, IActorRef supervisor)
    {
        (this.node, this.home, this.services, this.supervisor) = (node, home, services, supervisor);
        Gateway = new RunGateway(node, home.Log, supervisor);
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
        var writer = new SeriesWriter(series, time, loggers.CreateLogger<SeriesWriter>());
        var stores = new EmbeddedHome(log, series, snapshots, writer, loggers);
        var context = new NodeContext(options, stores, writer, time, loggers);
        var recovered = await new NodeRecovery(stores, options.MaxRuns).RunAsync(cancellationToken);
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
                .WithRuns(context, stores, recovered))
            .BuildServiceProvider();
        foreach (var hosted in provider.GetServices<IHostedService>())
        {
            await hosted.StartAsync(cancellationToken);
        }

        var actor = await provider.GetRequiredService<ActorRegistry>().GetAsync<RunsSupervisor>(cancellationToken);
        return new MonitorNode(context, stores, provider, actor);
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
            await new NodeRecovery(home, node.Options.MaxRuns).SaveMarkerAsync(home.Needs.Smallest(home.Log).Scan, limit.Token);
        }
        catch (Exception)
        {
            // Without the marker the next start only reads more of the log.
            node.Metrics.SnapshotFailed();
        }
    }
}
