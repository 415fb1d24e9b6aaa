namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>What the load generator saw.</summary>
/// <param name="Steps">Steps that became durable.</param>
/// <param name="Seconds">Time.</param>
/// <param name="MedianMilliseconds">From sending to the durable ack.</param>
/// <param name="HighMilliseconds">The same, 99th percentile.</param>
/// <param name="Late">Steps that are due at its end and have not left: the server gives no credit, or takes no more bytes.</param>
internal sealed record LoadReport(double Steps, double Seconds, double MedianMilliseconds, double HighMilliseconds, double Late);
