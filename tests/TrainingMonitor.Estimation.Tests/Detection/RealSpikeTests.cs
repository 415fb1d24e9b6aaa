using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Tests.Oracle;

namespace TrainingMonitor.Estimation.Tests.Detection;

/// <summary>Loss spikes on real runs: a learning rate that is far too high for a few steps, while memorizing and when all is memorized.</summary>
public sealed class RealSpikeTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0.4, 150)]
    [InlineData(0.4, 900)]
    public void A_learning_rate_shock_warns_and_the_run_around_it_does_not(double noise, int at)
    {
        for (var seed = 0; seed < TestSeeds.Count; seed++)
        {
            // Small and fast, so that 900 steps memorize the labels and single batches spread over orders of magnitude.
            var trainer = new OracleTrainer(new OracleOptions { Hidden = [96], LearningRate = 4e-3, Seed = seed }, OracleData.Digits(noise, seed, trainCount: 500));
            var analysis = new RunAnalysis(trainer.Configuration);
            analysis.SetLayers(trainer.LayerNames);
            var spikes = new List<Finding>();
            for (var t = 0; t < at + 60; t++)
            {
                for (var layer = 0; layer < trainer.LayerNames.Length; layer++)
                {
                    trainer.Layer(layer).Optimizer.RateFactor = t >= at && t < at + 3 ? 40 : 1;
                }

                trainer.Next();
                analysis.Apply(trainer.Step);
                spikes.AddRange(analysis.Findings.Where(finding => finding is { Rule: DetectionRule.LossSpike, State: FindingState.Firing }));
            }

            output.WriteLine($"noise {noise}, seed {seed}: shock at {at}; {string.Join("; ", spikes.Select(finding => $"{finding.Step}: {finding.Summary}"))}");
            spikes.ShouldHaveSingleItem().Step.ShouldBeInRange(at + 1, at + 6);
        }
    }
}
