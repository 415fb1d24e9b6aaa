namespace TrainingMonitor.Evaluation.Clocks;

/// <summary>A configuration of the clock suite.</summary>
/// <param name="Name">Folder of its recordings.</param>
/// <param name="HeldBack">Scored for the report only.</param>
/// <param name="Seeds">Runs.</param>
/// <param name="Training">The run.</param>
internal sealed record ClockCell(string Name, bool HeldBack, int Seeds, ClockTraining Training);
