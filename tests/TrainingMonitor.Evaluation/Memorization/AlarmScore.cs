using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Memorization;

/// <summary>How a statistic does as an alarm at one threshold.</summary>
/// <param name="Threshold">The threshold.</param>
/// <param name="TruePositives">Positive runs it detects.</param>
/// <param name="FalsePositives">Negative runs it alarms on.</param>
/// <param name="TooEarly">Positive runs it alarms on before there is anything to see.</param>
/// <param name="DelayInEpochs">Epochs from the turn to the alarm, over positive runs.</param>
internal sealed record AlarmScore(double Threshold, Proportion TruePositives, Proportion FalsePositives, int TooEarly, Quantiles DelayInEpochs);
