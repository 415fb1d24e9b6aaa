namespace TrainingMonitor.Examples.Jobs;

/// <summary>Digits with wrong labels: held-out loss turns after a few epochs while training loss goes on falling.</summary>
public sealed class DigitsNoiseJob : ITrainingJob
{
    private static readonly DigitsTraining Training = new()
    {
        LabelNoise = 0.4,
        Width = 1024,
        LearningRate = 0.001,
        Epochs = 150,
    };

    /// <inheritdoc/>
    public string Name => "digits-noise";

    /// <inheritdoc/>
    public string Description => "1000 digits, 40% of the labels random: after a few epochs the network memorizes the wrong labels and held-out loss rises.";

    /// <inheritdoc/>
    public int Steps => Training.Steps;

    /// <inheritdoc/>
    public void Run(JobContext context) => Training.Run(context);
}
