using TrainingMonitor.Cluster.Tests.Checking;
using TrainingMonitor.Cluster.Tests.Kit;

namespace TrainingMonitor.Cluster.Tests.Faults;

/// <summary>A load, a fault in the middle of it, some time after it, and the check.</summary>
internal static class FaultRun
{
    // Long enough for the first alerts, which come before the fault, and for others after it.
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(12), After = TimeSpan.FromSeconds(12);

    /// <summary>Does it; returns what was found.</summary>
    public static async Task<IReadOnlyList<Violation>> DoAsync(FaultScene scene, Fault fault, Random chance, CancellationToken stop)
    {
        await scene.LoadAsync(fault.Name, stop);
        await Task.Delay(Before, stop);
        await fault.Do(scene, chance, stop);
        await Task.Delay(After, stop);
        var violations = await scene.CheckAsync(stop);
        await scene.FinishAsync(stop);
        return [.. violations, .. scene.Cluster.Nodes.Where(node => node.Crashes > 0).Select(node => new Violation(ViolationKind.NodeCrashed, node.Name, $"{node.Crashes} times by an exception that nobody caught"))];
    }
}
