using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Storage.Series;

/// <summary>One probe as reported.</summary>
/// <param name="Attempt">Attempt ordinal.</param>
/// <param name="Segment">Segment of the attempt.</param>
/// <param name="Rank">Rank that measured it.</param>
/// <param name="Probe">The probe.</param>
/// <param name="Evaluations">Products or passes used.</param>
/// <param name="Seconds">Wall time.</param>
public sealed record ProbePoint(int Attempt, int Segment, int Rank, ProbeInput Probe, int Evaluations, double Seconds);
