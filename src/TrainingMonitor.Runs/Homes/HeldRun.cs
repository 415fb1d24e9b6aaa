using TrainingMonitor.Runs.Recovery;

namespace TrainingMonitor.Runs.Homes;

/// <summary>A run as it was read back, and its actor's hold on the stores.</summary>
internal sealed record HeldRun(RecoveredRun Run, IRunHold Hold);
