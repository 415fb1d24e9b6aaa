using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Estimation.Tests.Estimators.Clocks;

public sealed class CanaryEstimatorTests
{
    private readonly RunAnalysis analysis = new(new RunConfiguration());
    private readonly StepInput step = new();
    private long next;

    [Fact]
    public void A_pass_is_told_when_the_next_begins_and_held_out_loss_is_training_loss_plus_the_gap()
    {
        Apply(Sums(1, advantage: 0.2, pull: 0.9, othersPull: 0.5, train: 2.0));
        Apply(null);
        Apply(Sums(1, advantage: 0.4, pull: 0.9, othersPull: 0.5, train: 1.8));
        this[RunSeries.CanaryEvidence].ShouldBe(double.NaN);
        Apply(Sums(2, advantage: 1.3, pull: 0.7, othersPull: 0.3, train: 1.2));
        this[RunSeries.CanaryAdvantage].ShouldBe(0.3, 1e-12);
        this[RunSeries.CanaryLoss].ShouldBe(2.5, 1e-12);
        this[RunSeries.CanaryHeldOut].ShouldBe(1.9, 1e-12);
        Apply(Sums(3, advantage: 2, pull: 0.1, othersPull: 0.1, train: 1.0));

        // The advantage grew by 1 while the others pulled (0.5 + 0.3)/(0.9 + 0.7) as much as the canaries.
        this[RunSeries.CanaryHeldOut].ShouldBe(1.2 + 0.5, 1e-12);
        Apply(Sums(2, advantage: 9, pull: 0.1, othersPull: 0.1, train: 9));
        double.IsNaN(this[RunSeries.CanaryEvidence]).ShouldBeTrue("a report of an earlier pass is left out");
    }

    [Fact]
    public void Numbers_that_are_none_leave_no_trace()
    {
        Apply(Sums(1, 0.2, 0.9, 0.5, 2));
        Apply(Sums(2, double.NaN, 0.9, double.PositiveInfinity, double.NaN));
        Apply(Sums(3, 1.2, 0.9, 0.5, 1));
        double.IsNaN(this[RunSeries.CanaryHeldOut]).ShouldBeTrue();
        Apply(Sums(4, 1.2, 0.9, 0.5, 1));
        this[RunSeries.CanaryHeldOut].ShouldBe(1 + (1.0 * 0.5 / 0.9), 1e-12);
    }

    [Fact]
    public void Sentinels_are_carried_with_their_distance_from_training_loss()
    {
        analysis.Apply(Fill(input => input[StepValue.Loss] = 1));
        analysis.Apply(Fill(input =>
        {
            input[StepValue.Loss] = 0.5;
            input.Sentinels = new SentinelSums(new(4, 8, 20), new(2, 3, 5), 1, 0, new(3, 1.5, 1));
        }));
        this[RunSeries.SentinelLoss].ShouldBe(2);
        this[RunSeries.SentinelLossError].ShouldBe(Math.Sqrt(4.0 / 3 / 4), 1e-12);
        this[RunSeries.SentinelSeenLoss].ShouldBe(1.5);
        this[RunSeries.SentinelGap].ShouldBe(1, 1e-12, "against the losses before the step");
        this[RunSeries.SentinelRise].ShouldBe(0.5);
        analysis.Apply(Fill(_ => { }));
        double.IsNaN(this[RunSeries.SentinelLoss]).ShouldBeTrue();
    }

    private double this[RunSeries series] => analysis.RunValues[(int)series];

    private static CanarySums Sums(long pass, double advantage, double pull, double othersPull, double train) => new(9, 16, pass, [2, 0, 0, 0, 0, 0, 0, 0, 0])
    {
        SumLoss = 5,
        SumAdvantage = 2 * advantage,
        SumPull = 2 * pull,
        Others = 10,
        OthersSumPull = 10 * othersPull,
        TrainCount = 12,
        TrainSumLoss = (10 * train) + 5,
    };

    private void Apply(CanarySums? canaries) => analysis.Apply(Fill(input => input.Canaries = canaries));

    private StepInput Fill(Action<StepInput> fill)
    {
        step.Reset(0);
        step.Step = next++;
        fill(step);
        return step;
    }
}
