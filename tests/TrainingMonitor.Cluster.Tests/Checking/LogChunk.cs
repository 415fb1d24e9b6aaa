namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>Records of a run that one owner committed together.</summary>
/// <param name="First">First position.</param>
/// <param name="Last">Last position.</param>
/// <param name="Epoch">Fencing epoch of the writer.</param>
public sealed record LogChunk(long First, long Last, long Epoch);
