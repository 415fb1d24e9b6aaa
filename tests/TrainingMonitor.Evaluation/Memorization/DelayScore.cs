using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Memorization;

/// <summary>Delays at one average run length.</summary>
/// <param name="TruePositives">Positive runs detected.</param>
/// <param name="Steps">Steps from the turn to the alarm.</param>
/// <param name="Bound">Steps that the best detector of the statistic needs.</param>
/// <param name="Ratio">Delay over bound.</param>
/// <param name="Epochs">Delays in epochs.</param>
internal sealed record DelayScore(Proportion TruePositives, Quantiles Steps, Quantiles Bound, Quantiles Ratio, IReadOnlyList<double> Epochs);
