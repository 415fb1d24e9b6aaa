namespace TrainingMonitor.Examples.Jobs;

/// <summary>The control of <see cref="GrokkingJob"/>: the same training with labels that mean nothing.</summary>
public sealed class RandomLabelsJob : ITrainingJob
{
    /// <inheritdoc/>
    public string Name => "random-labels";

    /// <inheritdoc/>
    public string Description => "The same network and pairs with random labels: it memorizes, and there is nothing to generalize to.";

    /// <inheritdoc/>
    public int Steps => ModularAdditionTraining.Steps;

    /// <inheritdoc/>
    public void Run(JobContext context) => ModularAdditionTraining.Run(context, randomLabels: true);
}
