using System.Globalization;
using System.Text;
using TrainingMonitor.Benchmarks.Scale.Plan;

namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>The plan for 100,000 runs on 50 nodes, from what docs/scale.md measured.</summary>
internal static class PlanReport
{
    private const int Series = 16;
    private const int Numbers = 5;

    // Of a commit that holds little, both sides together 1 ms (docs/benchmarks/postgres.md): one core's worth.
    private const double CommitsSecond = 1000;

    public static string Run(double nodeMicros, double postgresMicros, double kibRun)
    {
        var constants = new NodeConstants
        {
            NodeMicrosStep = nodeMicros,
            PostgresMicrosStep = postgresMicros,
            KibRun = kibRun,
            BytesStep = 1400,
            BytesSnapshot = 12 << 10,
            FieldsWindow = Series * Numbers,
            PostgresCommitsSecond = CommitsSecond,
        };
        var old = new Deployment(
            Runs: 100_000, Nodes: 50, StepsSecond: 1, Layers: 20, WindowSteps: 256, SnapshotSeconds: 30, CoresNode: 4, GibNode: 8, CoresPostgres: 16, NetworkGigabits: 10, Influxes: 1);
        var text = new StringBuilder();
        Add("100,000 old runs, one PostgreSQL and one InfluxDB", old);
        Add("the same, a tenth of them younger than 512 steps", old with { WindowSteps = 1 / ((0.9 / old.WindowSteps) + 0.1) });
        Add("the same, all young", old with { WindowSteps = 1 });
        Add("all old, four InfluxDB", old with { Influxes = 4 });
        return text.ToString();

        void Add(string title, Deployment plan)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"**{title}**\n\n| resource | needed | there | | in use |\n|---|---|---|---|---|");
            foreach (var resource in ScalePlan.Of(constants, plan))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"| {resource.Name} | {Short(resource.Needed)} | {Short(resource.There)} | {resource.Unit} | {resource.Use:P0} |");
            }

            text.AppendLine();
        }
    }

    private static string Short(double value) => value.ToString(value < 100 ? "0.##" : "N0", CultureInfo.InvariantCulture);
}
