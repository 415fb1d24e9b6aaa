using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.Tests.Inputs;
using TrainingMonitor.Estimation.Tests.Oracle;

namespace TrainingMonitor.Estimation.Tests.Estimators;

public sealed class NoiseEstimatorTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void First_step_is_the_brute_force_of_pairs_of_units(int unitSize)
    {
        var random = new Random(unitSize);
        var units = Vectors(random, 12, 9, 0.3);
        var analysis = VectorRun.Start(new RunConfiguration(), out var step);
        VectorRun.Fill(step, 0, units, unitSize);
        analysis.Apply(step);

        double inner = 0, deviation = 0;
        var mean = VectorRun.Mean(units);
        for (var i = 0; i < units.Length; i++)
        {
            deviation += units[i].Zip(mean, (a, b) => (a - b) * (a - b)).Sum();
            for (var j = 0; j < units.Length; j++)
            {
                inner += i == j ? 0 : units[i].Zip(units[j], (a, b) => a * b).Sum();
            }
        }

        var signal = inner / (units.Length * (units.Length - 1));
        var trace = unitSize * deviation / (units.Length - 1);
        analysis.RunValues[(int)RunSeries.SignalSq].ShouldBe(signal, 1e-12);
        analysis.RunValues[(int)RunSeries.TraceSigma].ShouldBe(trace, 1e-12);
        analysis.LayerValues(LayerSeries.SignalSq)[0].ShouldBe(signal, 1e-12);
        analysis.LayerValues(LayerSeries.TraceSigma)[0].ShouldBe(trace, 1e-12);
    }

    [Theory]
    [InlineData(1, 0.0)]
    [InlineData(1, 0.2)]
    [InlineData(4, 0.2)]
    public void Means_over_many_steps_are_the_truth(int unitSize, double mean)
    {
        const int Steps = 4000, Units = 16, Dimension = 20;
        var random = new Random(11);
        double signal = 0, signalSq = 0, trace = 0, traceSq = 0;
        var analysis = VectorRun.Start(new RunConfiguration(), out var step);
        for (var t = 0; t < Steps; t++)
        {
            // A new segment restarts the averages, so every step shows its own unbiased estimates.
            analysis.BeginSegment(0, t, 0);
            VectorRun.Fill(step, t, Vectors(random, Units, Dimension, mean, 1 / Math.Sqrt(unitSize)), unitSize);
            analysis.Apply(step);
            var (s, r) = (analysis.RunValues[(int)RunSeries.SignalSq], analysis.RunValues[(int)RunSeries.TraceSigma]);
            (signal, signalSq, trace, traceSq) = (signal + s, signalSq + (s * s), trace + r, traceSq + (r * r));
        }

        ZTest.Score(signal, signalSq, Steps, Dimension * mean * mean).ShouldBeInRange(-4, 4);
        ZTest.Score(trace, traceSq, Steps, Dimension).ShouldBeInRange(-4, 4);
    }

    [Fact]
    public void Scale_of_layers_that_agree_is_that_of_the_run()
    {
        var trainer = new OracleTrainer(new OracleOptions { Hidden = [12], Outputs = 8, BatchSize = 10 }, OracleData.Teacher(200, 0.1));
        var analysis = new RunAnalysis(trainer.Configuration);
        analysis.SetLayers(trainer.LayerNames);
        for (var t = 0; t < 20; t++)
        {
            trainer.Next();
            analysis.Apply(trainer.Step);
        }

        var signal = analysis.LayerValues(LayerSeries.SignalSq).ToArray().Sum();
        signal.ShouldBe(analysis.RunValues[(int)RunSeries.SignalSq], 1e-9 * Math.Abs(signal));
        var scale = analysis.RunValues[(int)RunSeries.NoiseScale];
        scale.ShouldBe(analysis.RunValues[(int)RunSeries.TraceSigma] / analysis.RunValues[(int)RunSeries.SignalSq], 1e-9);
        analysis.RunValues[(int)RunSeries.NoiseScaleLow].ShouldBeLessThan(scale);
        analysis.RunValues[(int)RunSeries.NoiseScaleHigh].ShouldBeGreaterThan(scale);
    }

    [Fact]
    public void Clipped_gradients_are_taken_at_their_full_length()
    {
        var plain = VectorRun.Start(new RunConfiguration(), out var step);
        var units = Vectors(new Random(3), 8, 5, 0.5);
        VectorRun.Fill(step, 0, units);
        plain.Apply(step);
        var clipped = VectorRun.Start(new RunConfiguration(), out step);
        VectorRun.Fill(step, 0, [.. units.Select(unit => unit.Select(x => 0.25 * x).ToArray())]);
        step[StepValue.ClipCoefficient] = 0.25;
        clipped.Apply(step);
        clipped.RunValues[(int)RunSeries.SignalSq].ShouldBe(plain.RunValues[(int)RunSeries.SignalSq], 1e-12);
        clipped.RunValues[(int)RunSeries.TraceSigma].ShouldBe(plain.RunValues[(int)RunSeries.TraceSigma], 1e-12);
    }

    [Fact]
    public void A_layer_without_per_example_gradients_is_left_out_of_both_sums()
    {
        var analysis = new RunAnalysis(new RunConfiguration());
        analysis.SetLayers(["linear", "recurrent"]);
        var step = new StepInput();
        step.Reset(2);
        (step.UnitCount, step.BatchSize) = (5, 5);
        new[] { 2.0, 7.0 }.CopyTo(step.AddColumn(LayerStatistic.GradSq));
        new[] { 6.0, double.NaN }.CopyTo(step.AddColumn(LayerStatistic.ExampleGradSq));
        analysis.Apply(step);
        analysis.RunValues[(int)RunSeries.SignalSq].ShouldBe(((5 * 2.0) - 6) / 4, 1e-12);
        analysis.LayerValues(LayerSeries.SignalSq)[1].ShouldBe(double.NaN);
    }

    private static double[][] Vectors(Random random, int count, int dimension, double mean, double deviation = 1) =>
        [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, dimension).Select(_ => mean + (deviation * OracleData.Normal(random))).ToArray())];
}
