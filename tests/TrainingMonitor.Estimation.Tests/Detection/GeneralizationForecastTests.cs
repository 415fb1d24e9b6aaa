using TrainingMonitor.Estimation.Detection.Grokking;
using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Tests.Detection;

public sealed class GeneralizationForecastTests
{
    private static readonly RunConfiguration Decayed = new() { Optimizer = OptimizerKind.AdamW, LearningRate = 0.01, WeightDecay = 2, DecoupledDecay = true };

    [Fact]
    public void Both_times_twice_as_long_make_the_forecast_twice_as_long()
    {
        var fast = GeneralizationForecast.Of(100, 200, 150, Decayed);
        var slow = GeneralizationForecast.Of(100, 300, 150, Decayed with { LearningRate = 0.005 });
        (slow.Step - 100).ShouldBe(2 * (fast.Step - 100), 1e-6);
        (slow.High - 100).ShouldBe(2 * (fast.High - 100), 1e-6);
    }

    [Fact]
    public void Stronger_decay_is_sooner() =>
        GeneralizationForecast.Of(100, 200, 150, Decayed with { WeightDecay = 4 }).Step.ShouldBeLessThan(GeneralizationForecast.Of(100, 200, 150, Decayed).Step);

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 2)]
    public void Without_decoupled_decay_the_climb_alone_decides(bool decoupled, double decay)
    {
        var configuration = Decayed with { DecoupledDecay = decoupled, WeightDecay = decay };
        var forecast = GeneralizationForecast.Of(100, 200, 150, configuration);
        forecast.ShouldBe(GeneralizationForecast.Of(100, 200, 150, configuration with { LearningRate = 0.1 }));
        (GeneralizationForecast.Of(100, 300, 150, configuration).Step - 100).ShouldBe(2 * (forecast.Step - 100), 1e-6);
    }

    [Theory]
    [InlineData(150)]
    [InlineData(5_000)]
    [InlineData(100_000)]
    public void The_interval_holds_the_forecast_and_nothing_of_the_past(long step)
    {
        var forecast = GeneralizationForecast.Of(100, 200, step, Decayed);
        forecast.Low.ShouldBeInRange(step, forecast.Step);
        forecast.High.ShouldBeGreaterThanOrEqualTo(forecast.Step);
    }
}
