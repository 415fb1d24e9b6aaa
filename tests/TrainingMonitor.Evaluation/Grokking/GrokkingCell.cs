using TrainingMonitor.Evaluation.Training;

namespace TrainingMonitor.Evaluation.Grokking;

/// <summary>A configuration of the grokking suite.</summary>
/// <param name="Name">Folder of its recordings.</param>
/// <param name="Kind">Why it is there.</param>
/// <param name="Seeds">Number of seeds.</param>
/// <param name="HeldBack">Scored for the report only.</param>
/// <param name="Training">The run.</param>
internal sealed record GrokkingCell(string Name, GrokkingKind Kind, int Seeds, bool HeldBack, SupervisedTraining Training);
