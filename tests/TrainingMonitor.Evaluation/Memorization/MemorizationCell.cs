using TrainingMonitor.Evaluation.Training;

namespace TrainingMonitor.Evaluation.Memorization;

/// <summary>A configuration of the memorization suite.</summary>
/// <param name="Name">Folder of its recordings.</param>
/// <param name="Headline">Has the full number of seeds.</param>
/// <param name="HeldBack">Scored for the report only.</param>
/// <param name="Training">The run.</param>
internal sealed record MemorizationCell(string Name, bool Headline, bool HeldBack, SupervisedTraining Training);
