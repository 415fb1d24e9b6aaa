namespace TrainingMonitor.Benchmarks.Scale.Plan;

/// <summary>What is planned for.</summary>
/// <param name="Runs">Concurrent runs.</param>
/// <param name="Nodes">Nodes.</param>
/// <param name="StepsSecond">Steps of each run in a second.</param>
/// <param name="Layers">Layers of each.</param>
/// <param name="WindowSteps">Steps of a layer window: a run that is old has wide ones.</param>
/// <param name="SnapshotSeconds">Time between snapshots of a run.</param>
/// <param name="CoresNode">Cores of a node.</param>
/// <param name="GibNode">Memory of a node.</param>
/// <param name="CoresPostgres">Cores of PostgreSQL.</param>
/// <param name="NetworkGigabits">Network of each machine.</param>
/// <param name="Influxes">InfluxDB servers; a run is on one of them.</param>
public sealed record Deployment(
    double Runs, double Nodes, double StepsSecond, int Layers, double WindowSteps, double SnapshotSeconds, double CoresNode, double GibNode, double CoresPostgres, double NetworkGigabits, double Influxes);
