using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.Tests.Detection;
using TrainingMonitor.Estimation.Tests.Oracle;

namespace TrainingMonitor.Estimation.Tests.Estimators;

/// <summary>The same run seen with exact sums at every step and at every 16th: fresh gain and memorized nats must agree.
/// TRAINMON_TEST_SEEDS=5 gives the figures of docs/statistics.md.</summary>
public sealed class ThinnedExactSumsTests(ITestOutputHelper output)
{
    // Both see pairs from step 48 at the latest: before, the thinned run has no exact step that counts with Adam.
    private const int From = 60;
    private const int Middle = 200;
    private const int Last = 399;

    [Theory]
    [InlineData(OptimizerKind.Adam)]
    [InlineData(OptimizerKind.Sgd)]
    public void Noisy_labels_are_memorized_as_much(OptimizerKind optimizer)
    {
        for (var seed = 0; seed < TestSeeds.Count; seed++)
        {
            var (full, thin) = Run(optimizer, 0.4, seed);
            var (fresh, held) = (full.Fresh[Last] - full.Fresh[Middle], thin.Fresh[Last] - thin.Fresh[Middle]);
            fresh.ShouldBeLessThan(-0.5);
            held.ShouldBe(fresh, 0.4 * Math.Abs(fresh));
            thin.Memorized[Last].ShouldBe(full.Memorized[Last], 0.35 * full.Memorized[Last]);
            Early(full, thin);
        }
    }

    [Theory]
    [InlineData(OptimizerKind.Adam)]
    [InlineData(OptimizerKind.Sgd)]
    public void Clean_labels_are_not_harmed(OptimizerKind optimizer)
    {
        for (var seed = 0; seed < TestSeeds.Count; seed++)
        {
            var (full, thin) = Run(optimizer, 0, seed);
            (thin.Fresh[Last] - thin.Fresh[From]).ShouldBe(full.Fresh[Last] - full.Fresh[From], 0.25);
            thin.Fresh.Skip(From).ShouldAllBe(value => value > 0);
            thin.Memorized[Last].ShouldBeLessThan(full.Memorized[Last] + 0.05);
            Early(full, thin);
        }
    }

    // What a held self term that is too large shows first: nats of harm before anything is memorized.
    private static void Early((double[] Fresh, double[] Memorized) full, (double[] Fresh, double[] Memorized) thin)
    {
        thin.Fresh[..From].Where(double.IsFinite).ShouldAllBe(value => value > -0.05);
        thin.Memorized[From].ShouldBe(full.Memorized[From], 0.1);
    }

    private ((double[] Fresh, double[] Memorized) Full, (double[] Fresh, double[] Memorized) Thin) Run(OptimizerKind optimizer, double noise, int seed)
    {
        var options = new OracleOptions { Optimizer = optimizer, Momentum = 0.9, LearningRate = optimizer is OptimizerKind.Sgd ? 0.02 : 1e-3, Seed = seed };
        var trainer = new OracleTrainer(options, OracleData.Digits(noise, seed));
        var full = new RunAnalysis(trainer.Configuration);
        var thin = new RunAnalysis(trainer.Configuration with { ExactInterval = 16 });
        full.SetLayers(trainer.LayerNames);
        thin.SetLayers(trainer.LayerNames);
        var steps = new (RunAnalysis Analysis, double[] Fresh, double[] Memorized)[] { (full, new double[Last + 1], new double[Last + 1]), (thin, new double[Last + 1], new double[Last + 1]) };
        for (var t = 0; t <= Last; t++)
        {
            trainer.Next();
            foreach (var (analysis, fresh, memorized) in steps)
            {
                if (analysis == thin && t % 16 != 0)
                {
                    trainer.Step.RemoveColumn(LayerStatistic.SelfSecondMoment);
                    trainer.Step.RemoveColumn(LayerStatistic.SelfMeanSq);
                }

                analysis.Apply(trainer.Step);
                (fresh[t], memorized[t]) = (analysis.RunValues[(int)RunSeries.FreshGain], analysis.RunValues[(int)RunSeries.MemorizedNats]);
            }
        }

        foreach (var (t, u) in new[] { (From, 100), (100, Middle), (Middle, 300), (300, Last) })
        {
            output.WriteLine($"{optimizer}, noise {noise}, seed {seed}, steps {t} to {u}: fresh gain every step {steps[0].Fresh[u] - steps[0].Fresh[t]:0.000}, every 16 {steps[1].Fresh[u] - steps[1].Fresh[t]:0.000}; "
                + $"memorized {steps[0].Memorized[u] - steps[0].Memorized[t]:0.000}, {steps[1].Memorized[u] - steps[1].Memorized[t]:0.000}");
        }

        return ((steps[0].Fresh, steps[0].Memorized), (steps[1].Fresh, steps[1].Memorized));
    }
}
