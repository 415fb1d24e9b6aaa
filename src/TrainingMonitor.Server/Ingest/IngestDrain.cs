using Microsoft.Extensions.Hosting;
using TrainingMonitor.Server.Hosting;

namespace TrainingMonitor.Server.Ingest;

/// <summary>Before anything stops: trainers are asked to leave, and what they sent is taken.</summary>
internal sealed class IngestDrain(SessionRegistry sessions, ServerOptions options, TimeProvider time) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken) => sessions.DrainAsync(TimeSpan.FromSeconds(options.DrainSeconds), time, cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
