using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Detection.Stability;
using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Tests.Detection;

public sealed class NonFiniteDetectorTests
{
    [Fact]
    public void Names_the_first_layer_the_statistic_and_the_step()
    {
        var bench = Bench();
        Step(bench, []);
        bench.Reload();
        Step(bench, [(LayerStatistic.UpdateSq, 2), (LayerStatistic.GradSq, 1), (LayerStatistic.Cross, 1)]);
        var finding = bench.All.ShouldHaveSingleItem();
        finding.State.ShouldBe(FindingState.Firing);
        finding.Severity.ShouldBe(FindingSeverity.Critical);
        finding.Summary.ShouldBe("NaN or infinity at step 1, first in the squared gradient norm of layer hidden.");
        finding.Values["first_layer"].ShouldBe(1);
    }

    [Fact]
    public void Counts_by_the_trainer_are_enough()
    {
        var bench = Bench();
        bench.Next(1);
        bench.Input.AddColumn(LayerStatistic.NonFinite).Clear();
        bench.Input.AddColumn(LayerStatistic.NonFinite)[2] = 17;
        bench.Apply();
        bench.All.ShouldHaveSingleItem().Summary.ShouldBe("NaN or infinity at step 0, first in the gradient of layer out (17 gradient elements in all).");
    }

    [Fact]
    public void A_loss_that_is_absent_is_not_a_loss_that_is_NaN()
    {
        var bench = Bench();
        bench.Next().Apply();
        bench.All.ShouldBeEmpty();
        bench.Next();
        bench.Input.NonFiniteValues = 1u << (int)StepValue.Loss;
        bench.Apply();
        bench.All.ShouldHaveSingleItem().Summary.ShouldBe("NaN or infinity at step 1, first in the loss.");
    }

    [Fact]
    public void NaN_that_means_unknown_is_no_alarm()
    {
        var bench = Bench();
        for (var i = 0; i < 3; i++)
        {
            bench.Next(1);
            bench.Input.AddColumn(LayerStatistic.GradSq).Fill(i == 2 ? double.NaN : 1);
            bench.Input.AddColumn(LayerStatistic.NonFinite).Clear();
            bench.Input.AddColumn(LayerStatistic.MomentumSq).Fill(double.NaN);
            bench.Input.AddColumn(LayerStatistic.Cross).Fill(i == 1 ? 1 : double.NaN);
            bench.Input.AddColumn(LayerStatistic.ExampleGradSq)[0] = double.NaN;
            bench.Apply();
        }

        bench.All.ShouldBeEmpty();
    }

    [Fact]
    public void Overflow_of_a_sum_of_finite_values_is_no_alarm()
    {
        var bench = Bench();
        bench.Next(1);
        bench.Input.AddColumn(LayerStatistic.GradSq).Fill(double.MaxValue);
        bench.Apply();
        bench.All.ShouldBeEmpty();
    }

    [Fact]
    public void Skipped_steps_are_loss_scaling_until_there_are_too_many()
    {
        var bench = Bench();
        for (var i = 0; i <= NonFiniteDetector.SkipsTolerated; i++)
        {
            bench.All.ShouldBeEmpty();
            Step(bench, [(LayerStatistic.GradSq, 0)], StepFlags.Skipped);
        }

        bench.All.ShouldHaveSingleItem();
    }

    [Fact]
    public void Fires_once_and_resolves_after_fifty_finite_steps()
    {
        var bench = Bench();
        Step(bench, [(LayerStatistic.GradSq, 0)]);
        Step(bench, [(LayerStatistic.GradSq, 0)]);
        bench.Reload();
        for (var i = 0; i < NonFiniteDetector.CalmToResolve; i++)
        {
            bench.All.Count.ShouldBe(1);
            Step(bench, []);
        }

        bench.All.Select(finding => finding.State).ShouldBe([FindingState.Firing, FindingState.Resolved]);
    }

    [Fact]
    public void A_new_segment_resolves()
    {
        var bench = Bench();
        Step(bench, [(LayerStatistic.GradSq, 0)]);
        bench.Segment(0);
        bench.All[^1].State.ShouldBe(FindingState.Resolved);
    }

    private static DetectorBench Bench() => new(() => new NonFiniteDetector(), null, "in", "hidden", "out");

    private static void Step(DetectorBench bench, (LayerStatistic Statistic, int Layer)[] bad, StepFlags flags = StepFlags.None)
    {
        bench.Next(1);
        foreach (var statistic in (LayerStatistic[])[LayerStatistic.GradSq, LayerStatistic.UpdateSq, LayerStatistic.Cross])
        {
            bench.Input.AddColumn(statistic).Fill(1);
        }

        foreach (var (statistic, layer) in bad)
        {
            bench.Input.AddColumn(statistic)[layer] = layer == 1 ? double.NaN : double.PositiveInfinity;
        }

        bench.Input.Flags = flags;
        bench.Apply();
    }
}
