using TrainingMonitor.Evaluation.NoiseScale;

namespace TrainingMonitor.Evaluation.Tests.NoiseScale;

/// <summary>A short form of docs/evaluation/noise-scale.md: the 90% interval of each layer and of the total, with Gaussian and heavy-tailed gradients.</summary>
public sealed class NoiseScaleFloorTests
{
    [Theory]
    [InlineData(0, false)]
    [InlineData(5, true)]
    public void Nine_of_ten_intervals_have_the_truth(int tailFreedom, bool drifts)
    {
        foreach (var coverage in new NoiseSimulation(new NoiseCase("", 8, tailFreedom, drifts)).Run(500))
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{coverage.Covered}");

            // A standard error of 500 checks is 1.3%.
            coverage.Covered.Value.ShouldBeInRange(0.86, 0.95);
        }
    }
}
