namespace TrainingMonitor.Evaluation.Clocks;

/// <summary>An alarm.</summary>
/// <param name="Step">When it came.</param>
/// <param name="Onset">The step it dates the turn of held-out loss to; NaN: not turned.</param>
internal sealed record ClockAlarm(long Step, double Onset);
