namespace TrainingMonitor.Storage.Series;

/// <summary>What the store keeps of a run for lists: the newest written wins.</summary>
/// <param name="Summary">Serialized <c>RunSummary</c>.</param>
/// <param name="Detail">Serialized <c>RunDetail</c>, as of the same position.</param>
public sealed record RunRow(byte[] Summary, byte[] Detail);
