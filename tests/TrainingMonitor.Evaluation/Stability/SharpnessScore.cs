namespace TrainingMonitor.Evaluation.Stability;

/// <summary>A probe against the exact value.</summary>
/// <param name="RelativeError">Probe over exact value, minus 1.</param>
/// <param name="Covered">Whether the 90% interval has the exact value; where that was itself estimated, whether their difference is within 90% of both errors.</param>
internal readonly record struct SharpnessScore(double RelativeError, bool Covered);
