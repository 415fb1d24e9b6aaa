using System.Globalization;

namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>One round of <see cref="NodesComparison"/>.</summary>
/// <param name="Steps">Steps sent.</param>
/// <param name="Seconds">From the first step sent to the last durable ack.</param>
/// <param name="Nodes">Processor time of the nodes, seconds.</param>
/// <param name="Postgres">That of PostgreSQL.</param>
/// <param name="Influx">That of InfluxDB.</param>
internal sealed record NodesFigures(int Steps, double Seconds, double Nodes, double Postgres, double Influx)
{
    /// <summary>Processor time of the nodes for a step, µs.</summary>
    public double NodeCost => Micros(Nodes);

    /// <summary>With that of the databases.</summary>
    public double Cost => Micros(Nodes + Postgres + Influx);

    /// <summary>Where the trainers of a cluster are.</summary>
    public static string Trainers(TestCluster cluster) => cluster.Follow ? "at their run's node" : "at any node";

    /// <summary>A row of the table.</summary>
    public string Row(string round, TestCluster cluster, NodesFigures one) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {round} | {cluster.Nodes.Count} | {Trainers(cluster)} | {Steps / Seconds:N0} | {NodeCost:F1} | {Micros(Postgres):F1} | {Micros(Influx):F1} | {1e6 / NodeCost:N0} | {one.NodeCost / NodeCost:F2} | {1e6 / Cost:N0} | {one.Cost / Cost:F2} |");

    private double Micros(double seconds) => seconds / Steps * 1e6;
}
