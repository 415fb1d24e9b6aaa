namespace TrainingMonitor.Estimation.Input;

/// <summary>One probe.</summary>
/// <param name="Kind">What was measured.</param>
/// <param name="Step">At which step.</param>
/// <param name="TimeUnixNs">Trainer's clock, ns.</param>
/// <param name="Value">The value.</param>
/// <param name="StandardError">Its standard error; NaN: unknown.</param>
/// <param name="Converged">Whether the iteration converged.</param>
public readonly record struct ProbeInput(ProbeKind Kind, long Step, long TimeUnixNs, double Value, double StandardError, bool Converged);
