using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Detection.Stability;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Tests.Oracle;

namespace TrainingMonitor.Estimation.Tests.Detection;

/// <summary>Loss spikes on real runs: a learning rate that is far too high for a few steps, while memorizing and when all is memorized.</summary>
public sealed class RealSpikeTests(ITestOutputHelper output)
{
    // Nats. A spike is two losses in a row that stand out by a tenth of the first one, ln 10; a peak of twice that has them. Where 900 steps have memorized all labels, a shock may pass below (seed 4).
    private static readonly double PlainJump = 2 * LossSpikeDetector.LeastShare * Math.Log(10);

    // On clean labels the same shock leaves the loss where its batches are anyway (0.05 to 0.2 nats): nothing has spiked, and the precursor alone speaks.
    [Theory]
    [InlineData(60)]
    [InlineData(300)]
    public void A_shock_that_the_loss_hardly_feels_has_a_precursor_and_no_spike(int at)
    {
        for (var seed = 0; seed < TestSeeds.Count; seed++)
        {
            var findings = Shocked(0, at, seed, out var before, out var after);
            output.WriteLine($"seed {seed}: largest loss of 8 steps before {before:G3}, of 12 after {after:G3}; {string.Join("; ", findings.Select(finding => $"{finding.Step}: {finding.Summary}"))}");
            findings.ShouldNotContain(finding => finding.Rule == DetectionRule.LossSpike);
            if (at >= 96)
            {
                findings.Where(finding => finding.Rule == DetectionRule.SpikePrecursor).ShouldHaveSingleItem().Step.ShouldBe(at);
            }
        }
    }

    [Theory]
    [InlineData(0.4, 150)]
    [InlineData(0.4, 900)]
    public void A_learning_rate_shock_warns_and_the_run_around_it_does_not(double noise, int at)
    {
        for (var seed = 0; seed < TestSeeds.Count; seed++)
        {
            var spikes = Shocked(noise, at, seed, out var before, out var after).Where(finding => finding.Rule == DetectionRule.LossSpike).ToList();
            output.WriteLine($"noise {noise}, seed {seed}: shock at {at}, largest loss of 8 steps before {before:G3}, of 12 after {after:G3}; {string.Join("; ", spikes.Select(finding => $"{finding.Step}: {finding.Summary}"))}");
            if (seed == 0 || after - before > PlainJump)
            {
                spikes.ShouldHaveSingleItem().Step.ShouldBeInRange(at + 1, at + 6);
            }
            else
            {
                spikes.Count.ShouldBeLessThanOrEqualTo(1);
            }
        }
    }

    // Firings of a run whose learning rate is 40 times too high for 3 steps. Small and fast, so that 900 steps memorize the labels and single batches spread
    // over orders of magnitude.
    private static List<Finding> Shocked(double noise, int at, int seed, out double before, out double after)
    {
        var trainer = new OracleTrainer(new OracleOptions { Hidden = [96], LearningRate = 4e-3, Seed = seed }, OracleData.Digits(noise, seed, trainCount: 500));
        var analysis = new RunAnalysis(trainer.Configuration);
        analysis.SetLayers(trainer.LayerNames);
        var findings = new List<Finding>();
        (before, after) = (0, 0);
        for (var t = 0; t < at + 60; t++)
        {
            var factor = t >= at && t < at + 3 ? 40 : 1;
            for (var layer = 0; layer < trainer.LayerNames.Length; layer++)
            {
                trainer.Layer(layer).Optimizer.RateFactor = factor;
            }

            trainer.Next();
            trainer.Step[StepValue.LearningRate] *= factor;
            analysis.Apply(trainer.Step);
            findings.AddRange(analysis.Findings.Where(finding => finding.State == FindingState.Firing));
            before = t >= at - 8 && t <= at ? Math.Max(before, trainer.Step[StepValue.Loss]) : before;
            after = t > at && t <= at + 12 ? Math.Max(after, trainer.Step[StepValue.Loss]) : after;
        }

        return findings;
    }
}
