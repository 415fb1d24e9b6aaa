using TrainingMonitor.Cluster.Tests.Kit;

namespace TrainingMonitor.Cluster.Tests.Faults;

/// <summary>Something bad that is done to a cluster under load, and undone.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Do">Does it; chance decides what is left open (which node, when).</param>
internal sealed record Fault(string Name, Func<FaultScene, Random, CancellationToken, Task> Do)
{
    public override string ToString() => Name;
}
