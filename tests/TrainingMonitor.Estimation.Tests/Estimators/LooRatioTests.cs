using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.Tests.Oracle;

namespace TrainingMonitor.Estimation.Tests.Estimators;

/// <summary>The weights stand still (learning rate 0), so that batches can be compared with the whole training set.</summary>
public sealed class LooRatioTests
{
    private static readonly OracleData Data = OracleData.Teacher(400, 0.3);
    private static readonly OracleOptions Still = new() { Hidden = [16], Outputs = 8, Optimizer = OptimizerKind.Sgd, LearningRate = 0, BatchSize = 40 };

    [Fact]
    public void Full_batch_is_the_mean_inner_product_of_pairs_over_the_leave_one_out_noise()
    {
        var trainer = new OracleTrainer(Still with { Sampling = SamplingScheme.FullBatch }, OracleData.Teacher(60, 0.3));
        var analysis = Last(trainer, 1);
        double inner = 0, spread = 0;
        for (var l = 0; l < 2; l++)
        {
            var layer = trainer.Layer(l);
            for (var k = 0; k < layer.Mean.Length; k++)
            {
                inner += layer.Mean[k] * layer.Mean[k];
                spread += layer.Second[k] - (layer.Mean[k] * layer.Mean[k]);
            }
        }

        analysis.RunValues[(int)RunSeries.LooRatio].ShouldBe(inner / (spread / 59), 1e-9);
        (analysis.RunValues[(int)RunSeries.LooRatio] > 1).ShouldBe(analysis.RunValues[(int)RunSeries.SignalSq] > 0);
    }

    [Theory]
    [InlineData(SamplingScheme.Shuffled, 1)]
    [InlineData(SamplingScheme.Sequential, 1)]
    [InlineData(SamplingScheme.Shuffled, 5)]
    [InlineData(SamplingScheme.WithReplacement, 1)]
    [InlineData(SamplingScheme.WithReplacement, 4)]
    public void Batches_estimate_that_of_the_training_set(SamplingScheme sampling, int unitSize)
    {
        var exact = Last(new OracleTrainer(Still with { Sampling = SamplingScheme.FullBatch }, Data), 1);
        var sampled = Last(new OracleTrainer(Still with { Sampling = sampling, UnitSize = unitSize }, Data), 400);
        var rho = exact.RunValues[(int)RunSeries.LooRatio];
        rho.ShouldBeGreaterThan(2);
        sampled.RunValues[(int)RunSeries.LooRatio].ShouldBe(rho, 0.2 * rho);
        for (var l = 0; l < 2; l++)
        {
            var layer = exact.LayerValues(LayerSeries.LooRatio)[l];
            sampled.LayerValues(LayerSeries.LooRatio)[l].ShouldBe(layer, 0.2 * layer);
        }
    }

    [Theory]
    [InlineData(SamplingScheme.Streaming, 400)]
    [InlineData(SamplingScheme.Unknown, 400)]
    [InlineData(SamplingScheme.Shuffled, 0)]
    public void Unknown_data_has_no_ratio(SamplingScheme sampling, long examples)
    {
        var trainer = new OracleTrainer(Still, Data);
        var analysis = Last(trainer, 5, trainer.Configuration with { Sampling = sampling, DatasetSize = examples });
        double.IsNaN(analysis.RunValues[(int)RunSeries.LooRatio]).ShouldBeTrue();
        double.IsFinite(analysis.RunValues[(int)RunSeries.NoiseScale]).ShouldBeTrue();
    }

    [Fact]
    public void Saturated_gradients_have_no_ratio()
    {
        var trainer = new OracleTrainer(Still, Data);
        var analysis = Last(trainer, 20);
        double.IsFinite(analysis.RunValues[(int)RunSeries.LooRatio]).ShouldBeTrue();
        trainer.Next();
        trainer.Step[StepValue.Loss] = 1e-8;
        analysis.Apply(trainer.Step);
        double.IsNaN(analysis.RunValues[(int)RunSeries.LooRatio]).ShouldBeTrue();
        trainer.Next();
        trainer.Step[StepValue.ZeroGradExamples] = 40;
        analysis.Apply(trainer.Step);
        double.IsNaN(analysis.RunValues[(int)RunSeries.LooRatio]).ShouldBeTrue();
    }

    private static RunAnalysis Last(OracleTrainer trainer, int steps, RunConfiguration? configuration = null)
    {
        var analysis = new RunAnalysis(configuration ?? trainer.Configuration);
        analysis.SetLayers(trainer.LayerNames);
        for (var t = 0; t < steps; t++)
        {
            trainer.Next();
            analysis.Apply(trainer.Step);
        }

        return analysis;
    }
}
