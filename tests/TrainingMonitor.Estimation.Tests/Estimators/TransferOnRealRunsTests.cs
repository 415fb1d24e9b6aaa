using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Tests.Oracle;

namespace TrainingMonitor.Estimation.Tests.Estimators;

/// <summary>Gains in nats of the estimators against the exact gain of the next batch (an extra forward pass) and the held-out loss, by thirds of 800 steps.</summary>
public sealed class TransferOnRealRunsTests
{
    private static readonly OracleOptions Adam = new() { ExactGain = true };

    [Fact]
    public void Noisy_labels_with_adam_are_memorized()
    {
        var thirds = RunInThirds.Of(Adam, OracleData.Digits(0.4), 801);
        foreach (var third in thirds[1..])
        {
            third.Gain.ShouldBe(third.ExactGain, Math.Abs(0.15 * third.ExactGain));
            third.FreshGain.ShouldBeLessThan(-0.5);
            third.HeldOutDrop.ShouldBeLessThan(-0.2);
            third.Memorized.ShouldBeGreaterThan(0.8);
            (third.TrainDrop - third.FreshGain).ShouldBe(third.Memorized, 0.2);
        }
    }

    [Fact]
    public void Clean_labels_with_adam_are_not()
    {
        var thirds = RunInThirds.Of(Adam, OracleData.Digits(0), 801);
        thirds[0].FreshGain.ShouldBeGreaterThan(1.2);
        foreach (var third in thirds[1..])
        {
            third.Gain.ShouldBe(third.ExactGain, 0.01);
            third.FreshGain.ShouldBe(0, 0.02);
            third.Memorized.ShouldBeLessThan(0.06);
        }
    }

    [Fact]
    public void With_replacement_the_plain_gain_is_fooled_and_the_fresh_gain_is_not()
    {
        var thirds = RunInThirds.Of(Adam with { Sampling = SamplingScheme.WithReplacement }, OracleData.Digits(0.4), 801);
        foreach (var third in thirds[1..])
        {
            third.Gain.ShouldBe(third.ExactGain, 0.1);
            third.Gain.ShouldBeGreaterThan(0.2);
            third.FreshGain.ShouldBeLessThan(-0.4);
            third.HeldOutDrop.ShouldBeLessThan(-0.2);
        }
    }

    [Fact]
    public void One_healthy_pass_over_noisy_data_has_no_memorized_nats()
    {
        var options = Adam with { Outputs = 8, Sampling = SamplingScheme.Streaming, LagSums = false };
        var thirds = RunInThirds.Of(options, OracleData.Teacher(41_000, 0.4), 801);
        foreach (var third in thirds)
        {
            third.Gain.ShouldBe(third.ExactGain, 0.15);
            third.FreshGain.ShouldBe(third.Gain, 0.01);
            Math.Abs(third.Memorized).ShouldBeLessThan(0.3);
        }
    }
}
