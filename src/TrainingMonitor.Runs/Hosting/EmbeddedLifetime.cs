using Microsoft.Extensions.Hosting;

namespace TrainingMonitor.Runs.Hosting;

/// <summary>Lifetime of the actor system inside a node: the node's owner starts and stops it, so the process is not its to stop.</summary>
internal sealed class EmbeddedLifetime : IHostApplicationLifetime
{
    public CancellationToken ApplicationStarted => CancellationToken.None;

    public CancellationToken ApplicationStopping => CancellationToken.None;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    public void StopApplication()
    {
        // The node notices through its own actors.
    }
}
