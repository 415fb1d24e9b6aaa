namespace TrainingMonitor.Evaluation.Scoring;

/// <summary>The score that a detector or a baseline gave a run.</summary>
/// <param name="Score">Higher: more likely positive. Never NaN; what cannot tell gives negative infinity.</param>
/// <param name="Positive">The truth.</param>
internal readonly record struct ScoredRun(double Score, bool Positive);
