namespace TrainingMonitor.Examples.Jobs;

/// <summary>The healthy counterpart of <see cref="DigitsNoiseJob"/>.</summary>
public sealed class DigitsCleanJob : ITrainingJob
{
    private static readonly DigitsTraining Training = new()
    {
        LabelNoise = 0,
        Width = 640,
        LearningRate = 0.0005,
        WeightDecay = 4,
        Dropout = 0.2,
        CosineSchedule = true,
        Epochs = 380,
    };

    /// <inheritdoc/>
    public string Name => "digits-clean";

    /// <inheritdoc/>
    public string Description => "1000 digits with right labels, dropout, weight decay and a falling learning rate: healthy training, no alert.";

    /// <inheritdoc/>
    public int Steps => Training.Steps;

    /// <inheritdoc/>
    public void Run(JobContext context) => Training.Run(context);
}
