using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Detection.Stability;
using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Tests.Detection;

public sealed class DivergenceDetectorTests
{
    [Fact]
    public void Fires_before_the_loss_overflows()
    {
        var bench = Bench();
        Train(bench, 30, t => 2.3 * Math.Exp(0.5 * t));
        var finding = bench.All.ShouldHaveSingleItem();
        finding.Step.ShouldBeLessThan(8);
        finding.SinceStep.ShouldBe(1);
        finding.Severity.ShouldBe(FindingSeverity.Critical);
        finding.Summary.ShouldStartWith("Training diverges: the loss went from 2.3 to ");
    }

    [Fact]
    public void Fires_at_NaN_where_the_jump_is_sudden()
    {
        var bench = Bench();
        Train(bench, 3, t => t < 2 ? 2.3 : 40);
        bench.All.ShouldBeEmpty();
        bench.Next();
        bench.Input.NonFiniteValues = 1u << (int)StepValue.Loss;
        bench.Apply();
        bench.All.ShouldHaveSingleItem().Summary.ShouldContain("left the finite numbers");
    }

    [Fact]
    public void NaN_out_of_a_healthy_loss_is_left_to_the_other_rule()
    {
        var bench = Bench();
        Train(bench, 100, t => 2.3 * Math.Exp(-t / 50.0));
        bench.Next();
        bench.Input.NonFiniteValues = 1u << (int)StepValue.Loss;
        bench.Apply();
        bench.All.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("a spike that comes back")]
    [InlineData("batch noise at the start")]
    [InlineData("a low start from a checkpoint")]
    [InlineData("a plateau at the start")]
    [InlineData("an easy first batch")]
    public void Healthy_losses_stay_silent(string kind)
    {
        var bench = Bench();
        var random = new Random(5);
        Train(bench, 2000, t => kind switch
        {
            "a spike that comes back" => t is 700 or 701 ? 30 : 2.3 * Math.Exp(-t / 300.0),
            "batch noise at the start" => Math.Max(0.1, 2.3 + (0.5 * Noise.Normal(random))),
            "a low start from a checkpoint" => 0.01 * Math.Exp(Noise.Normal(random)),
            "an easy first batch" => t == 0 ? 0.5 : 2,
            _ => 2.3,
        });
        bench.All.ShouldBeEmpty();
    }

    [Fact]
    public void Worse_than_the_start_for_long_fires_and_better_resolves()
    {
        var bench = Bench();
        Train(bench, 300, t => t is > 100 and < 200 ? 4 : 2);
        bench.All.Select(finding => finding.State).ShouldBe([FindingState.Firing, FindingState.Resolved]);
        bench.All[0].SinceStep.ShouldBe(101);
    }

    [Fact]
    public void Losses_below_zero_are_judged_by_distance()
    {
        var bench = Bench();
        Train(bench, 100, t => t < 50 ? -3 : 20);
        bench.All.ShouldHaveSingleItem().State.ShouldBe(FindingState.Firing);
    }

    [Fact]
    public void A_rewind_keeps_the_first_start()
    {
        var bench = Bench();
        Train(bench, 100, t => 2.3 * Math.Exp(-t / 20.0));
        bench.Segment(50);
        bench.Reload();
        Train(bench, 100, _ => 0.9);
        bench.All.ShouldBeEmpty();
    }

    private static DetectorBench Bench() => new(() => new DivergenceDetector());

    private static void Train(DetectorBench bench, int steps, Func<long, double> loss)
    {
        for (var i = 0; i < steps; i++)
        {
            bench.Next();
            bench.With(Series.RunSeries.Loss, loss(bench.Step)).Apply();
        }
    }
}
