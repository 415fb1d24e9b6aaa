namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>What the load generator saw.</summary>
/// <param name="Steps">Steps that became durable.</param>
/// <param name="Seconds">Time.</param>
/// <param name="MedianMilliseconds">From sending to the durable ack.</param>
/// <param name="HighMilliseconds">The same, 99th percentile.</param>
/// <param name="Late">Steps that were not sent, since the start: there was no credit, or the one before had not left.</param>
internal sealed record LoadReport(double Steps, double Seconds, double MedianMilliseconds, double HighMilliseconds, double Late);
