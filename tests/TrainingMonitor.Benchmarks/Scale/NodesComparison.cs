using System.Globalization;

namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>One clustered node and three, on one machine over the same PostgreSQL and InfluxDB, loaded in turn: steps for a second of processor time.</summary>
internal static class NodesComparison
{
    private const int Runs = 24;
    private const int Layers = 100;
    private const int Old = 100_000;

    // The JIT's turn: three nodes share what one has alone.
    private const int WarmUps = 2;

    private const string Head =
        """
        | round | nodes | trainers | steps/s | CPU µs/step: nodes | PostgreSQL | InfluxDB | steps/CPU s, nodes | to one node | steps/CPU s, with databases | to one node |
        |---|---|---|---|---|---|---|---|---|---|---|

        """;

    /// <summary>Measures; rows come as they are measured.</summary>
    public static async Task RunAsync(TextWriter log, int rounds, int steps)
    {
        await using var shared = await SharedServers.StartAsync();
        await using var one = await TestCluster.StartAsync(shared, "one", 1, follow: true);
        await using var followed = await TestCluster.StartAsync(shared, "three", 3, follow: true);
        await using var forwarded = await TestCluster.StartAsync(shared, "forwarded", 3, follow: false);
        TestCluster[] clusters = [one, followed, forwarded];
        await log.WriteAsync(Head);
        var ratios = clusters.ToDictionary(cluster => cluster, _ => (Nodes: new List<double>(), All: new List<double>()));
        for (var round = 1 - WarmUps; round <= rounds; round++)
        {
            // Who goes first changes: InfluxDB goes on with what the one before wrote.
            var figures = new Dictionary<TestCluster, NodesFigures>();
            for (var i = 0; i < clusters.Length; i++)
            {
                var cluster = clusters[(i + round + WarmUps) % clusters.Length];
                figures[cluster] = await MeasureAsync(cluster, steps);
            }

            foreach (var cluster in clusters.Where(_ => round > 0))
            {
                ratios[cluster].Nodes.Add(figures[one].NodeCost / figures[cluster].NodeCost);
                ratios[cluster].All.Add(figures[one].Cost / figures[cluster].Cost);
                await log.WriteLineAsync(figures[cluster].Row(string.Create(CultureInfo.InvariantCulture, $"{round}"), cluster, figures[one]));
            }
        }

        foreach (var (cluster, (nodes, all)) in ratios)
        {
            await log.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"| median | {cluster.Nodes.Count} | {NodesFigures.Trainers(cluster)} | | | | | | **{Median(nodes):F2}** | | **{Median(all):F2}** |"));
        }

        foreach (var cluster in clusters)
        {
            await log.WriteLineAsync(await IdleAsync(cluster));
        }
    }

    private static async Task<NodesFigures> MeasureAsync(TestCluster cluster, int steps)
    {
        await cluster.Load.OpenAsync(Runs, Layers, Old, cluster.Follow);
        await cluster.SettleAsync();
        var (nodes, postgres, influx) = (cluster.Processor, ProcessFigures.Processor("postgres"), ProcessFigures.Processor("influxd"));
        var seconds = await cluster.Load.SendAsync(steps / Runs);
        await cluster.SettleAsync();
        var figures = new NodesFigures(steps / Runs * Runs, seconds, cluster.Processor - nodes, ProcessFigures.Processor("postgres") - postgres, ProcessFigures.Processor("influxd") - influx);
        await cluster.Load.CloseAsync();
        return figures;
    }

    private static async Task<string> IdleAsync(TestCluster cluster)
    {
        var time = TimeSpan.FromSeconds(5);
        await Task.Delay(time);
        var used = cluster.Processor;
        await Task.Delay(time);
        return string.Create(CultureInfo.InvariantCulture, $"Idle, {cluster.Nodes.Count} nodes ({NodesFigures.Trainers(cluster)}): {(cluster.Processor - used) / time.TotalSeconds:F3} of a core.");
    }

    // Of an even number the lower one.
    private static double Median(List<double> values) => values.Order().ElementAt((values.Count - 1) / 2);
}
