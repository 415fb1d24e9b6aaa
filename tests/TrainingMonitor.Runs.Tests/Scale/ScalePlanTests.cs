using TrainingMonitor.Benchmarks.Scale.Plan;

namespace TrainingMonitor.Runs.Tests.Scale;

public sealed class ScalePlanTests
{
    private static readonly NodeConstants Constants = new()
    {
        NodeMicrosStep = 100,
        PostgresMicrosStep = 50,
        KibRun = 128,
        BytesStep = 1000,
        BytesSnapshot = 30_000,
        FieldsWindow = 80,
        PostgresCommitsSecond = 1000,
    };

    private static readonly Deployment Plan = new(
        Runs: 100_000, Nodes: 50, StepsSecond: 1, Layers: 20, WindowSteps: 256, SnapshotSeconds: 30, CoresNode: 4, GibNode: 8, CoresPostgres: 16, NetworkGigabits: 10, Influxes: 1);

    [Fact]
    public void Each_resource_is_counted_in_its_own_unit()
    {
        var uses = ScalePlan.Of(Constants, Plan).ToDictionary(resource => resource.Name, StringComparer.Ordinal);

        uses["node CPU"].Needed.ShouldBe(0.2, 1e-9); // 2,000 steps of 100 µs
        uses["node memory"].Needed.ShouldBe(0.2 + (2000 * 128 / 1048576.0), 1e-9);
        uses["node network"].Needed.ShouldBe(2000 * 1000 * 2 * 8 / 1e9, 1e-9);
        uses["PostgreSQL CPU"].Needed.ShouldBe(5, 1e-9);
        uses["PostgreSQL bytes"].Needed.ShouldBe(100 + 100, 1e-9); // steps, and 3,333 snapshots of 30 kB
        uses["PostgreSQL commits"].Needed.ShouldBe(2500, 1e-9);
        uses["InfluxDB fields"].Needed.ShouldBe(2_000_000 + (100_000 / 256.0 * 20 * 80), 1e-6);
        uses["InfluxDB points"].Needed.ShouldBe(100_000 + (100_000 / 256.0 * 20), 1e-6);
    }

    [Fact]
    public void The_scarcest_resource_comes_first()
    {
        var plan = ScalePlan.Of(Constants, Plan);

        plan.Select(resource => resource.Use).ShouldBeInOrder(SortDirection.Descending);
        plan[0].Name.ShouldBe("InfluxDB fields"); // 2.6 of 0.85 million
        ScalePlan.Of(Constants, Plan with { Influxes = 4 })[0].Name.ShouldBe("PostgreSQL commits"); // 2,500 of 1,000
    }
}
