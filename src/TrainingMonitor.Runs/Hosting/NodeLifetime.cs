using Microsoft.Extensions.Hosting;

namespace TrainingMonitor.Runs.Hosting;

/// <summary>The lifetime that Akka.Hosting asks for. The node is started and stopped by its owner, so nothing else may be stopped with it.</summary>
internal sealed class NodeLifetime : IHostApplicationLifetime
{
    /// <inheritdoc/>
    public CancellationToken ApplicationStarted => new(canceled: true);

    /// <inheritdoc/>
    public CancellationToken ApplicationStopping => CancellationToken.None;

    /// <inheritdoc/>
    public CancellationToken ApplicationStopped => CancellationToken.None;

    /// <inheritdoc/>
    public void StopApplication()
    {
        // The actor system has ended. Whoever owns the node sees it by its calls, which are refused.
    }
}
