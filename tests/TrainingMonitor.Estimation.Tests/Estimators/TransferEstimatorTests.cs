using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.Tests.Inputs;
using TrainingMonitor.Estimation.Tests.Oracle;

namespace TrainingMonitor.Estimation.Tests.Estimators;

public sealed class TransferEstimatorTests
{
    private static readonly OracleOptions Small = new() { Hidden = [12, 9], Outputs = 8, BatchSize = 10 };

    [Theory]
    [InlineData(OptimizerKind.Sgd, 0.0, false)]
    [InlineData(OptimizerKind.Sgd, 0.9, false)]
    [InlineData(OptimizerKind.Sgd, 0.9, true)]
    [InlineData(OptimizerKind.AdamW, 0.0, false)]
    public void Gain_is_half_of_leave_one_out_own_plus_cross_by_brute_force(OptimizerKind kind, double momentum, bool nesterov)
    {
        var options = Small with { Optimizer = kind, Momentum = momentum, Nesterov = nesterov, LearningRate = 0.01, WeightDecay = 0.1, Sampling = SamplingScheme.Streaming };
        var trainer = new OracleTrainer(options, OracleData.Teacher(400, 0.2));
        var analysis = Start(trainer, out _);
        var leaveOneOut = double.NaN;
        var checkedPairs = 0;
        for (var t = 0; t < 40; t++)
        {
            var previousUpdates = Enumerable.Range(0, 3).Select(l => trainer.Layer(l).Optimizer.Update.ToArray()).ToArray();
            trainer.Next();
            analysis.Apply(trainer.Step);
            var cross = Enumerable.Range(0, 10).Average(i => Gradient(trainer, i).Zip(previousUpdates, Dot).Sum());
            var gain = Value(analysis, RunSeries.TransferGain);
            if (double.IsFinite(gain))
            {
                gain.ShouldBe(0.5 * (leaveOneOut + cross), 1e-10);
                checkedPairs++;
            }

            leaveOneOut = LeaveOneOut(trainer);
        }

        checkedPairs.ShouldBe(kind == OptimizerKind.AdamW ? 19 : 39);
    }

    [Fact]
    public void Decay_sent_apart_gives_the_same_gain()
    {
        var options = Small with { Optimizer = OptimizerKind.AdamW, WeightDecay = 0.5, LearningRate = 0.01 };
        var whole = new OracleTrainer(options, OracleData.Teacher(200, 0.2));
        var apart = new OracleTrainer(options with { SeparateDecay = true }, OracleData.Teacher(200, 0.2));
        RunAnalysis one = Start(whole, out _), two = Start(apart, out _);
        for (var t = 0; t < 60; t++)
        {
            whole.Next();
            one.Apply(whole.Step);
            apart.Next();
            two.Apply(apart.Step);
            double left = Value(one, RunSeries.TransferGain), right = Value(two, RunSeries.TransferGain);
            double.IsFinite(left).ShouldBe(t > 20 && t % 20 != 0);
            (left - right is > 1e-10 or < -1e-10).ShouldBeFalse();
        }

        Value(two, RunSeries.TransferRatio).ShouldBe(Value(one, RunSeries.TransferRatio), 1e-8);
    }

    [Fact]
    public void Under_pure_noise_the_gain_is_zero_on_average()
    {
        const int Steps = 20_000, Units = 8, Dimension = 6;
        var random = new Random(21);
        var analysis = VectorRun.Start(new RunConfiguration { Optimizer = OptimizerKind.Sgd, Sampling = SamplingScheme.Streaming, UpdateIncludesDecay = true }, out var step);
        double[] previous = new double[Dimension];
        double sum = 0, sumSq = 0;
        for (var t = 0; t < Steps; t++)
        {
            var units = Enumerable.Range(0, Units).Select(_ => Enumerable.Range(0, Dimension).Select(_ => OracleData.Normal(random)).ToArray()).ToArray();
            VectorRun.Fill(step, t, units);
            var mean = VectorRun.Mean(units);
            step.AddColumn(LayerStatistic.Own)[0] = Dot(mean, mean);
            step.AddColumn(LayerStatistic.SelfMeanSq)[0] = Dot(mean, mean);
            step.AddColumn(LayerStatistic.SelfSecondMoment)[0] = step.Column(LayerStatistic.ExampleGradSq)[0];
            step.AddColumn(LayerStatistic.Cross)[0] = Dot(mean, previous);
            previous = mean;
            analysis.Apply(step);
            var gain = Value(analysis, RunSeries.TransferGain);
            if (t > 0)
            {
                (sum, sumSq) = (sum + gain, sumSq + (gain * gain));
            }
        }

        ZTest.Score(sum, sumSq, Steps - 1, 0).ShouldBeInRange(-4, 4);
        Math.Abs(Value(analysis, RunSeries.TransferRatio)).ShouldBeLessThan(0.25);
    }

    [Fact]
    public void Pairs_that_mean_nothing_are_left_out()
    {
        var trainer = new OracleTrainer(Small with { Optimizer = OptimizerKind.Sgd, LearningRate = 0.05, LagSums = false }, OracleData.Teacher(60, 0.2));
        var analysis = Start(trainer, out _);
        for (var t = 0; t < 40; t++)
        {
            trainer.Next();
            trainer.Step.Flags |= t switch
            {
                10 => StepFlags.Skipped,
                20 => StepFlags.PairInvalid,
                _ => StepFlags.None,
            };
            if (t == 30)
            {
                continue;
            }

            analysis.Apply(trainer.Step);
            var absent = t is 0 or 10 or 11 or 20 or 31 || t % 6 == 0;
            double.IsNaN(Value(analysis, RunSeries.TransferGain)).ShouldBe(absent, $"step {t}");
        }
    }

    [Fact]
    public void Thinned_pairs_stand_for_the_steps_between_them()
    {
        var trainer = new OracleTrainer(new OracleOptions(), OracleData.Digits(0.4));
        RunAnalysis all = Start(trainer, out var configuration), thinned = new(configuration with { PairInterval = 4 });
        thinned.SetLayers(trainer.LayerNames);
        double fresh = 0, full = 0;
        for (var t = 0; t < 400; t++)
        {
            trainer.Next();
            all.Apply(trainer.Step);
            full = Value(all, RunSeries.FreshGain);
            if (t % 4 < 2)
            {
                thinned.Apply(trainer.Step);
                fresh = t % 4 == 1 ? Value(thinned, RunSeries.FreshGain) : fresh;
            }
        }

        full.ShouldBeLessThan(-0.3);
        fresh.ShouldBe(full, 0.25 * Math.Abs(full));
    }

    [Fact]
    public void Where_the_data_cannot_tell_fresh_gain_is_absent()
    {
        foreach (var (sampling, batch, known) in new[]
        {
            (SamplingScheme.Shuffled, 5, true), (SamplingScheme.Shuffled, 50, false), (SamplingScheme.WithReplacement, 5, false), (SamplingScheme.FullBatch, 5, false),
        })
        {
            var trainer = new OracleTrainer(Small with { Sampling = sampling, BatchSize = batch, LagSums = false }, OracleData.Teacher(200, 0.2));
            var analysis = Start(trainer, out _);
            for (var t = 0; t < 30; t++)
            {
                trainer.Next();
                analysis.Apply(trainer.Step);
            }

            double.IsFinite(Value(analysis, RunSeries.TransferGain)).ShouldBe(sampling != SamplingScheme.FullBatch);
            double.IsFinite(Value(analysis, RunSeries.FreshGain)).ShouldBe(known, $"{sampling} {batch}");
            double.IsFinite(Value(analysis, RunSeries.MemorizedNats)).ShouldBe(known);
        }
    }

    [Fact]
    public void Exact_sums_every_few_steps_hold_the_self_term()
    {
        var trainer = new OracleTrainer(new OracleOptions { Hidden = [32] }, OracleData.Digits(0.2));
        RunAnalysis all = Start(trainer, out var configuration), rare = new(configuration with { ExactInterval = 8 });
        rare.SetLayers(trainer.LayerNames);
        for (var t = 0; t < 300; t++)
        {
            trainer.Next();
            all.Apply(trainer.Step);
            if (t % 8 != 0)
            {
                trainer.Step.RemoveColumn(LayerStatistic.SelfSecondMoment);
                trainer.Step.RemoveColumn(LayerStatistic.SelfMeanSq);
            }

            rare.Apply(trainer.Step);
        }

        Value(rare, RunSeries.FreshGain).ShouldBe(Value(all, RunSeries.FreshGain), 0.1);
    }

    [Fact]
    public void Signal_share_of_the_first_pair_is_each_layers_gain_over_its_own()
    {
        var trainer = new OracleTrainer(Small with { Optimizer = OptimizerKind.Sgd, LearningRate = 0.1 }, OracleData.Teacher(100, 0.2));
        var analysis = Start(trainer, out _);
        trainer.Next();
        analysis.Apply(trainer.Step);
        double[] own = trainer.Step.Column(LayerStatistic.Own).ToArray(), second = trainer.Step.Column(LayerStatistic.SelfSecondMoment).ToArray();
        var mean = trainer.Step.Column(LayerStatistic.SelfMeanSq).ToArray();
        trainer.Next();
        analysis.Apply(trainer.Step);
        var cross = trainer.Step.Column(LayerStatistic.Cross);
        for (var l = 0; l < 3; l++)
        {
            var gain = 0.5 * (own[l] - ((second[l] - mean[l]) / 9) + cross[l]);
            analysis.LayerValues(LayerSeries.SignalShare)[l].ShouldBe(Math.Clamp(gain / Math.Abs(own[l]), -1, 1), 1e-12);
        }
    }

    private static RunAnalysis Start(OracleTrainer trainer, out RunConfiguration configuration)
    {
        configuration = trainer.Configuration;
        var analysis = new RunAnalysis(configuration);
        analysis.SetLayers(trainer.LayerNames);
        return analysis;
    }

    private static double Value(RunAnalysis analysis, RunSeries series) => analysis.RunValues[(int)series];

    // The gradient of one example of the last batch, a flat vector for each layer. The network still holds its deltas.
    private static double[][] Gradient(OracleTrainer trainer, int example) =>
        [.. Enumerable.Range(0, trainer.Network.LayerCount).Select(layer =>
        {
            var activation = trainer.Network.Activation(layer, example).ToArray();
            return trainer.Network.Delta(layer, example).ToArray().SelectMany(d => activation.Select(a => d * a)).ToArray();
        })];

    // Mean over examples i of ⟨g_i, the update if the batch had been the others⟩, linear in the batch gradient with P = ∂u/∂g.
    private static double LeaveOneOut(OracleTrainer trainer)
    {
        var batch = trainer.Batch.Length;
        double sum = 0;
        for (var i = 0; i < batch; i++)
        {
            var gradient = Gradient(trainer, i);
            for (var l = 0; l < gradient.Length; l++)
            {
                var layer = trainer.Layer(l);
                for (var k = 0; k < gradient[l].Length; k++)
                {
                    var others = ((batch * layer.Mean[k]) - gradient[l][k]) / (batch - 1);
                    sum += gradient[l][k] * (layer.Optimizer.Update[k] + (layer.Optimizer.Gain[k] * (others - layer.Mean[k])));
                }
            }
        }

        return sum / batch;
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
