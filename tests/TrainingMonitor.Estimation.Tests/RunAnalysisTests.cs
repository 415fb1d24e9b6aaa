using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.Tests.Inputs;
using TrainingMonitor.Estimation.Tests.Oracle;

namespace TrainingMonitor.Estimation.Tests;

public sealed class RunAnalysisTests
{
    [Fact]
    public void Norms_and_carried_values_are_those_of_the_step()
    {
        var trainer = new OracleTrainer(new OracleOptions { Hidden = [10], Outputs = 8, BatchSize = 10, HeldOutInterval = 1 }, OracleData.Teacher(100, 0));
        var analysis = Start(trainer);
        trainer.Next();
        trainer.Next();
        analysis.Apply(trainer.Step);
        var step = trainer.Step;
        foreach (var (series, value) in new[]
        {
            (RunSeries.Loss, StepValue.Loss), (RunSeries.LearningRate, StepValue.LearningRate), (RunSeries.Accuracy, StepValue.Accuracy),
            (RunSeries.HeldOutLoss, StepValue.HeldOutLoss), (RunSeries.Epoch, StepValue.Epoch), (RunSeries.Samples, StepValue.Samples),
        })
        {
            analysis.RunValues[(int)series].ShouldBe(step[value]);
        }

        foreach (var (run, layer, column) in new[]
        {
            (RunSeries.GradNorm, LayerSeries.GradNorm, LayerStatistic.GradSq), (RunSeries.WeightNorm, LayerSeries.WeightNorm, LayerStatistic.WeightSq),
            (RunSeries.UpdateNorm, LayerSeries.UpdateNorm, LayerStatistic.UpdateSq),
        })
        {
            var squares = step.Column(column).ToArray();
            analysis.RunValues[(int)run].ShouldBe(Math.Sqrt(squares.Sum()), 1e-12);
            analysis.LayerValues(layer).ToArray().ShouldBe(squares.Select(Math.Sqrt));
        }

        analysis.RunValues[(int)RunSeries.RmsStaleness].ShouldBe(step.Column(LayerStatistic.RmsStaleness).ToArray().Max());
        analysis.RunValues[(int)RunSeries.NonFinite].ShouldBe(0);
        analysis.LayerValues(LayerSeries.UpdateRatio)[1].ShouldBe(analysis.LayerValues(LayerSeries.UpdateNorm)[1] / analysis.LayerValues(LayerSeries.WeightNorm)[1]);
    }

    [Fact]
    public void Absent_columns_give_absent_series()
    {
        var analysis = new RunAnalysis(new RunConfiguration());
        analysis.SetLayers(["a", "b"]);
        var step = new StepInput();
        step.Reset(2);
        analysis.Apply(step);
        analysis.RunValues.ToArray().ShouldAllBe(value => double.IsNaN(value));
        foreach (var series in Enum.GetValues<LayerSeries>())
        {
            analysis.LayerValues(series).ToArray().ShouldAllBe(value => double.IsNaN(value));
        }
    }

    [Fact]
    public void One_bad_step_leaves_no_trace_in_the_estimates()
    {
        foreach (var bad in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e308, -1e200 })
        {
            var trainer = new OracleTrainer(new OracleOptions { Hidden = [16], BatchSize = 20 }, OracleData.Digits(0.2));
            var analysis = Start(trainer);
            for (var t = 0; t < 300; t++)
            {
                trainer.Next();
                if (t == 150)
                {
                    for (var statistic = 1; statistic < StepInput.StatisticCount; statistic++)
                    {
                        trainer.Step.AddColumn((LayerStatistic)statistic).Fill(bad);
                    }

                    trainer.Step[StepValue.Loss] = bad;
                    trainer.Step[StepValue.LearningRate] = bad;
                    trainer.Step.Lag = new LagSums(bad, bad, bad, bad, bad, bad);
                }

                analysis.Apply(trainer.Step);
            }

            var absent = Enum.GetValues<RunSeries>().Where(series => !double.IsFinite(analysis.RunValues[(int)series])).ToArray();
            absent.ShouldBe(
                [
                    RunSeries.HeldOutLoss, RunSeries.HeldOutAccuracy, RunSeries.Tokens, RunSeries.StepSeconds, RunSeries.MonitorSeconds, RunSeries.Sharpness,
                    RunSeries.SharpnessRatio, RunSeries.SharpnessRatioLow, RunSeries.SharpnessRatioHigh, RunSeries.StabilityRegime, RunSeries.BatchSharpness, RunSeries.CriticalSharpness, RunSeries.HessianTrace, RunSeries.NextBatchGain,
                    RunSeries.CanaryLoss, RunSeries.CanaryAdvantage, RunSeries.CanaryEvidence, RunSeries.CanaryHeldOut, RunSeries.SentinelLoss, RunSeries.SentinelLossError,
                    RunSeries.SentinelSeenLoss, RunSeries.SentinelGap, RunSeries.SentinelRise,
                ],
                ignoreOrder: true);
            Math.Abs(analysis.RunValues[(int)RunSeries.MemorizedNats]).ShouldBeLessThan(20);
            analysis.LayerValues(LayerSeries.NoiseScale).ToArray().ShouldAllBe(value => !(Math.Abs(value) > 1e9));
            analysis.LayerValues(LayerSeries.SignalShare).ToArray().ShouldAllBe(value => Math.Abs(value) <= 1);
        }
    }

    [Fact]
    public void Layers_keep_their_estimates_by_name()
    {
        double[][] units = [[1, 2], [3, 1], [2, 2]];
        var steady = new RunAnalysis(new RunConfiguration());
        var moved = new RunAnalysis(new RunConfiguration());
        steady.SetLayers(["a"]);
        moved.SetLayers(["a"]);
        var step = new StepInput();
        for (var t = 0; t < 5; t++)
        {
            VectorRun.Fill(step, t, units);
            steady.Apply(step);
            moved.Apply(step);
        }

        moved.SetLayers(["new", "a"]);
        VectorRun.Fill(step, 5, [[4, 4], [0, 1]]);
        steady.Apply(step);
        double mean = step.Column(LayerStatistic.GradSq)[0], unit = step.Column(LayerStatistic.ExampleGradSq)[0];
        step.Reset(2);
        (step.Step, step.UnitCount) = (5, 2);
        step.AddColumn(LayerStatistic.GradSq).Fill(mean);
        step.AddColumn(LayerStatistic.ExampleGradSq).Fill(unit);
        moved.Apply(step);
        moved.LayerValues(LayerSeries.TraceSigma)[1].ShouldBe(steady.LayerValues(LayerSeries.TraceSigma)[0]);
        moved.LayerValues(LayerSeries.TraceSigma)[0].ShouldBe(2 * (unit - mean), 1e-12);
    }

    [Fact]
    public void A_segment_starts_anew()
    {
        var trainer = new OracleTrainer(new OracleOptions { Hidden = [16], BatchSize = 20 }, OracleData.Digits(0.2));
        var analysis = Start(trainer);
        for (var t = 0; t < 60; t++)
        {
            trainer.Next();
            analysis.Apply(trainer.Step);
        }

        analysis.BeginSegment(0, 1, 0);
        analysis.RunValues.ToArray().ShouldAllBe(value => double.IsNaN(value));
        trainer.Next();
        analysis.Apply(trainer.Step);
        double.IsNaN(analysis.RunValues[(int)RunSeries.TransferGain]).ShouldBeTrue();
        double.IsNaN(analysis.RunValues[(int)RunSeries.NoiseScaleLow]).ShouldBeTrue();
    }

    [Fact]
    public void A_step_of_another_table_is_refused() =>
        Should.Throw<ArgumentException>(() => new RunAnalysis(new RunConfiguration()).Apply(Three())).Message.ShouldContain("3 layers");

    private static StepInput Three()
    {
        var step = new StepInput();
        step.Reset(3);
        return step;
    }

    private static RunAnalysis Start(OracleTrainer trainer)
    {
        var analysis = new RunAnalysis(trainer.Configuration);
        analysis.SetLayers(trainer.LayerNames);
        return analysis;
    }
}
