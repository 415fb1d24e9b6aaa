namespace TrainingMonitor.Evaluation.Clocks;

/// <summary>What the clocks say of a run.</summary>
/// <param name="Turn">Step where held-out loss was lowest, by the clocks at the end of the run; NaN: it has not risen.</param>
/// <param name="HeldOut">Held-out loss at the turn as the canaries estimate it, in the pass that ends next after it; NaN: none.</param>
/// <param name="Known">First step at which the canaries are known by heart; null: never.</param>
/// <param name="Canaries">First alarm of the canaries.</param>
/// <param name="Sentinels">First alarm of the sentinels.</param>
internal sealed record ClockReading(double Turn, double HeldOut, long? Known, ClockAlarm? Canaries, ClockAlarm? Sentinels);
