namespace TrainingMonitor.TorchSharp.Scheduling;

/// <summary>What the monitor took of one step, in seconds of the training thread.</summary>
/// <param name="Fixed">Of a step that is not looked at: counting, remembering ids.</param>
/// <param name="Cheap">Cheap set and report, with all that a step costs that is looked at.</param>
/// <param name="Exact">Exact sums.</param>
/// <param name="Lag">Lag sums.</param>
internal readonly record struct StepCosts(double Fixed, double Cheap, double Exact, double Lag);
