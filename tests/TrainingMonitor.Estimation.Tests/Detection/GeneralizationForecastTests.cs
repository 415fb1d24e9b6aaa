using TrainingMonitor.Estimation.Detection.Grokking;

namespace TrainingMonitor.Estimation.Tests.Detection;

public sealed class GeneralizationForecastTests
{
    [Fact]
    public void It_is_the_regression_of_the_development_runs()
    {
        var forecast = GeneralizationForecast.Of(100, 300, 0.1, 0.5);

        forecast.Step.ShouldBe(100 + (200 * Math.Exp(2.733 + (0.279 * Math.Log(0.1)) - (1.116 * 0.5))), 1e-9);
        ((forecast.Low - 100) / (forecast.Step - 100)).ShouldBe(0.744, 1e-9);
        ((forecast.High - 100) / (forecast.Step - 100)).ShouldBe(1.534, 1e-9);
    }

    [Fact]
    public void The_nearer_the_ratio_is_to_one_and_the_lower_the_loss_the_sooner()
    {
        GeneralizationForecast.Of(0, 100, 0.1, 0.9).Step.ShouldBeLessThan(GeneralizationForecast.Of(0, 100, 0.1, 0.4).Step);
        GeneralizationForecast.Of(0, 100, 0.01, 0.4).Step.ShouldBeLessThan(GeneralizationForecast.Of(0, 100, 0.1, 0.4).Step);
    }

    [Fact]
    public void Beyond_one_the_ratio_tells_no_more() => GeneralizationForecast.Of(0, 100, 0.1, 3).ShouldBe(GeneralizationForecast.Of(0, 100, 0.1, 1));

    [Fact]
    public void It_never_lies_in_the_past()
    {
        var forecast = GeneralizationForecast.Of(0, 1000, 1e-9, 1);

        forecast.Step.ShouldBe(1000);
        forecast.Low.ShouldBe(1000);
        forecast.High.ShouldBe(1000);
    }
}
