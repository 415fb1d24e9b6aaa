using System.Diagnostics.CodeAnalysis;
using Akka.Event;

namespace TrainingMonitor.Runs.Clustering;

/// <summary>Where an actor system that ends would write to standard output, which belongs to the program around. Until then everything goes to the host's log.</summary>
[SuppressMessage("Design", "MA0097", Justification = "Akka compares references to actors; nobody compares this one.")]
public sealed class SilentLogger : MinimalLogger
{
    /// <inheritdoc/>
    protected override void Log(object message)
    {
        // Nowhere.
    }
}
