namespace TrainingMonitor.Evaluation.Stability;

/// <summary>A configuration of the stability suite.</summary>
/// <param name="Name">Folder of its recordings; begins with the optimizer.</param>
/// <param name="HeldBack">Scored for the report only.</param>
/// <param name="Training">The run.</param>
internal sealed record StabilityCell(string Name, bool HeldBack, StabilityTraining Training);
