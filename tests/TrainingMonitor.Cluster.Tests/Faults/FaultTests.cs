using System.Diagnostics;
using System.Globalization;
using TrainingMonitor.Cluster.Tests.Checking;
using TrainingMonitor.Cluster.Tests.Kit;

namespace TrainingMonitor.Cluster.Tests.Faults;

/// <summary>Faults on one cluster of real processes under load, held against the checker: docs/design/146. Every run of the tests meets three; <c>.ci/long faults</c> meets all,
/// <c>.ci/long soak MINUTES</c> draws them.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task Faults_lose_nothing_double_nothing_and_leave_one_owner()
    {
        var stop = TestContext.Current.CancellationToken;
        var plan = FaultPlan.FromEnvironment();
        var chance = new Random(plan.Seed);
        await using var report = new FaultReport(plan);
        await using var scene = await FaultScene.StartAsync(stop);
        foreach (var fault in plan.Rounds(chance))
        {
            var watch = Stopwatch.StartNew();
            var violations = await FaultRun.DoAsync(scene, fault, chance, stop);
            await report.AddAsync(fault, watch.Elapsed, scene, violations);
            violations.ShouldBeEmpty(string.Create(CultureInfo.InvariantCulture, $"{fault}, seed {plan.Seed}: {violations.Count} violations\n{string.Join('\n', Few(violations))}\n{scene.Cluster.Said}"));
        }
    }

    // Of each kind the first ones: a lost frame brings many lost points with it.
    private static IEnumerable<Violation> Few(IReadOnlyList<Violation> violations) => violations.GroupBy(violation => violation.Kind).SelectMany(kind => kind.Take(4));
}
