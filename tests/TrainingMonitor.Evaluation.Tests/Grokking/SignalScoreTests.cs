using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Evaluation.Grokking;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Tests.Grokking;

public sealed class SignalScoreTests
{
    private const string Signal = "signal";

    [Fact]
    public void A_score_is_read_some_memorization_times_after_memorization() =>
        new SignalScore(Signal, false, false).At(Run(memorized: 100, generalized: -1), 3).ShouldBe(4);

    [Fact]
    public void Nothing_is_read_at_or_after_generalization()
    {
        new SignalScore(Signal, false, false).At(Run(memorized: 100, generalized: 300), 3).ShouldBe(2);
        new SignalScore(Signal, false, false).Highest(Run(memorized: 100, generalized: 300)).ShouldBe(2);
    }

    [Fact]
    public void Changes_count_from_memorization() => new SignalScore(Signal, true, true).At(Run(memorized: 100, generalized: -1), 3).ShouldBe(-3);

    [Fact]
    public void A_run_that_has_not_memorized_cannot_be_on_its_way() =>
        new SignalScore(Signal, false, false).Highest(Run(memorized: -1, generalized: -1)).ShouldBe(double.NegativeInfinity);

    // The signal is step/100 at every hundredth step up to 1000.
    private static GrokkingRun Run(int memorized, int generalized)
    {
        int[] steps = [.. Enumerable.Range(1, 10).Select(i => 100 * i)];
        var header = new RecordingHeader { Suite = "grokking", Cell = "cell", Seed = 0, HeldBack = false, Configuration = new RunConfiguration(), Layers = [] };
        var signals = new Dictionary<string, Curve>(StringComparer.Ordinal) { [Signal] = new Curve(steps, [.. steps.Select(step => step / 100.0)]) };
        return new GrokkingRun(header, GrokkingKind.Generalizes, new GrokkingTruth(memorized, generalized), 1000, new RunEvents([]), signals, 0);
    }
}
