using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Scoring;
using TrainingMonitor.Evaluation.Stability;

namespace TrainingMonitor.Evaluation.Tests.Stability;

/// <summary>Scores on the committed recordings must not fall below these floors; the figures themselves are in docs/evaluation/stability.md.</summary>
public sealed class StabilityFloorTests
{
    private static readonly Lazy<IReadOnlyList<StabilityScore>> HeldBack =
        new(() => [.. RecordingStore.OfSources().ReadAll(StabilitySuite.Name).Where(r => r.Header.HeldBack).Select(r => new StabilityScore(r))]);

    [Theory]
    [InlineData("gd")]
    [InlineData("heavyball")]
    [InlineData("nesterov")]
    [InlineData("adam")]
    [InlineData("rmsprop")]
    [InlineData("sgd")]
    [InlineData("momentum")]
    public void Regime_and_sharpness_hold(string optimizer)
    {
        var runs = HeldBack.Value.Where(r => r.Optimizer == optimizer).ToList();
        runs.Count.ShouldBeGreaterThanOrEqualTo(4);
        var windows = Proportion.Of([.. runs.SelectMany(r => r.Windows)], w => w.IsRight);
        var decided = Proportion.Of([.. runs.SelectMany(r => r.Windows).Where(w => w.IsDecided)], w => w.IsRight);
        var close = Proportion.Of([.. runs.SelectMany(r => r.Sharpness)], s => Math.Abs(s.RelativeError) <= 0.05);
        TestContext.Current.TestOutputHelper?.WriteLine($"windows right {windows}, of those whose truth is decided {decided}, sharpness within 5% {close}");
        windows.Value.ShouldBeGreaterThanOrEqualTo(0.8);
        decided.Value.ShouldBeGreaterThanOrEqualTo(0.88);
        close.Value.ShouldBeGreaterThanOrEqualTo(0.8);
    }
}
