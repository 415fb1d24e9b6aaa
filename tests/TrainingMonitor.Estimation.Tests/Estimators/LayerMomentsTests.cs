using TrainingMonitor.Estimation.Estimators;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.Tests.Oracle;

namespace TrainingMonitor.Estimation.Tests.Estimators;

/// <summary>The noise scale's interval layer by layer, against the scalar moments of each layer alone.</summary>
public sealed class LayerMomentsTests
{
    private const int Layers = 11;
    private const int Units = 16;

    [Theory]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(3000)]
    public void Each_layer_has_the_interval_of_its_own_stream(int steps)
    {
        var random = new Random(7);
        var analysis = new RunAnalysis(new RunConfiguration());
        analysis.SetLayers([.. Enumerable.Range(0, Layers).Select(i => $"{i}")]);
        var expected = new PairMoments[Layers];
        var step = new StepInput();
        for (var t = 0; t < steps; t++)
        {
            step.Reset(Layers);
            (step.Step, step.UnitCount) = (t, Units);
            Span<double> mean = step.AddColumn(LayerStatistic.GradSq), units = step.AddColumn(LayerStatistic.ExampleGradSq);
            for (var i = 0; i < Layers; i++)
            {
                // Layer 2 misses a step now and then; layer 9 never has a value.
                var missing = i == 9 || (i == 2 && t % 5 == 3);
                mean[i] = (1 + i) * (0.2 + Math.Pow(OracleData.Normal(random), 2));
                units[i] = missing ? double.NaN : mean[i] * (4 + random.NextDouble());
                if (!missing)
                {
                    expected[i].Add(((Units * mean[i]) - units[i]) / (Units - 1), Units * (units[i] - mean[i]) / (Units - 1), NoiseEstimator.Decay);
                }
            }

            analysis.Apply(step);
        }

        for (var i = 0; i < Layers; i++)
        {
            var (low, high) = RatioInterval.Of(expected[i]);
            Same(analysis.LayerValues(LayerSeries.NoiseScaleLow)[i], low);
            Same(analysis.LayerValues(LayerSeries.NoiseScaleHigh)[i], high);
        }

        double.IsNaN(analysis.LayerValues(LayerSeries.NoiseScaleLow)[0]).ShouldBe(steps < 8);
        analysis.LayerValues(LayerSeries.NoiseScaleLow)[9].ShouldBe(double.NaN);
    }

    private static void Same(double actual, double expected)
    {
        if (double.IsFinite(expected))
        {
            actual.ShouldBe(expected, 1e-6 * Math.Abs(expected));
        }
        else
        {
            actual.ShouldBe(expected);
        }
    }
}
