namespace TrainingMonitor.Benchmarks.Scale.Plan;

/// <summary>The arithmetic of docs/scale.md: what a deployment uses of each resource, the scarcest first. Costs are taken to be linear, which was measured on one machine up to
/// 10,000 runs and three nodes.</summary>
public static class ScalePlan
{
    private const double Gib = 1 << 30;
    private const double KibAGib = 1 << 20;
    private const double MicrosASecond = 1e6;
    private const double BytesAGigabit = 1e9 / 8;

    // A record goes to the write-ahead log and to its table.
    private const double Writes = 2;

    /// <summary>Works it out.</summary>
    public static IReadOnlyList<Resource> Of(NodeConstants constants, Deployment plan)
    {
        ArgumentNullException.ThrowIfNull(constants);
        ArgumentNullException.ThrowIfNull(plan);
        var steps = plan.Runs * plan.StepsSecond;
        var (stepsNode, runsNode) = (steps / plan.Nodes, plan.Runs / plan.Nodes);
        var windows = steps / plan.WindowSteps;
        var snapshots = plan.Runs / plan.SnapshotSeconds * constants.BytesSnapshot;
        var logged = (steps * constants.BytesStep) + snapshots;
        var fields = (steps * constants.FieldsStep) + (windows * plan.Layers * constants.FieldsWindow);
        var points = steps + (windows * plan.Layers);
        return
        [
            .. new[]
            {
                new Resource("node CPU", stepsNode * constants.NodeMicrosStep / MicrosASecond, plan.CoresNode, "cores a node"),
                new Resource("node memory", constants.GibNode + (runsNode * constants.KibRun / KibAGib), plan.GibNode, "GiB a node"),
                new Resource("node network", stepsNode * constants.BytesStep * 2 / BytesAGigabit, plan.NetworkGigabits, "Gbit/s a node, in and on"),
                new Resource("PostgreSQL CPU", steps * constants.PostgresMicrosStep / MicrosASecond, plan.CoresPostgres, "cores"),
                new Resource("PostgreSQL bytes", logged / 1e6, constants.PostgresBytesSecond / 1e6, "MB/s committed"),
                new Resource("PostgreSQL disk", logged * Writes / Gib, constants.PostgresBytesSecond * Writes / Gib, "GiB/s written"),
                new Resource("PostgreSQL commits", Math.Min(plan.Nodes * constants.CommitsNode, steps), constants.PostgresCommitsSecond, "a second"),
                new Resource("InfluxDB fields", fields, plan.Influxes * constants.InfluxFieldsSecond, "a second"),
                new Resource("InfluxDB points", points, plan.Influxes * constants.InfluxPointsSecond, "a second"),
            }.OrderByDescending(resource => resource.Use),
        ];
    }
}
