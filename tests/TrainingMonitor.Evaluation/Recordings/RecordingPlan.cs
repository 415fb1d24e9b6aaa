namespace TrainingMonitor.Evaluation.Recordings;

/// <summary>A run to record.</summary>
/// <param name="Suite">Suite.</param>
/// <param name="Cell">Configuration.</param>
/// <param name="Seed">Seed.</param>
/// <param name="HeldBack">Scored for the report only.</param>
/// <param name="Train">Trains with a watch that reports to the sink, and adds truths and baselines.</param>
internal sealed record RecordingPlan(string Suite, string Cell, int Seed, bool HeldBack, Action<RecordingSession> Train);
