using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>What one node says of a run.</summary>
/// <param name="Node">The node.</param>
/// <param name="Detail">The run.</param>
/// <param name="Alerts">Its alert transitions.</param>
public sealed record NodeAnswer(string Node, RunDetail Detail, IReadOnlyList<Alert> Alerts);
