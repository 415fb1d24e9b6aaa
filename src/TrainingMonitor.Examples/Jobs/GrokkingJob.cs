namespace TrainingMonitor.Examples.Jobs;

/// <summary>Modular addition: memorized within a hundred steps, understood a thousand steps later.</summary>
public sealed class GrokkingJob : ITrainingJob
{
    /// <inheritdoc/>
    public string Name => "grokking";

    /// <inheritdoc/>
    public string Description => "Addition modulo 59, full batch: it memorizes at once and generalizes much later; the LOO ratio climbs long before held-out accuracy.";

    /// <inheritdoc/>
    public int Steps => ModularAdditionTraining.Steps;

    /// <inheritdoc/>
    public void Run(JobContext context) => ModularAdditionTraining.Run(context, randomLabels: false);
}
