using System.Numerics.Tensors;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Norms, update ratio, RMS staleness, non-finite counts, and the values a trainer sends ready-made. No state.</summary>
internal sealed class NormEstimator : Estimator
{
    public override void Apply(in SeriesTarget target)
    {
        Carry(target);
        var step = target.Step;
        Norm(target, LayerStatistic.GradSq, LayerSeries.GradNorm, RunSeries.GradNorm);
        Norm(target, LayerStatistic.WeightSq, LayerSeries.WeightNorm, RunSeries.WeightNorm);
        Norm(target, LayerStatistic.UpdateSq, LayerSeries.UpdateNorm, RunSeries.UpdateNorm);
        if (step.Has(LayerStatistic.MomentumSq))
        {
            TensorPrimitives.Sqrt(step.Column(LayerStatistic.MomentumSq), target.Layer(LayerSeries.MomentumNorm));
        }

        LayerKernels.DividePositive(target.Layer(LayerSeries.UpdateNorm), target.Layer(LayerSeries.WeightNorm), target.Layer(LayerSeries.UpdateRatio));
        var weight = target[RunSeries.WeightNorm];
        target[RunSeries.UpdateRatio] = weight > 0 ? target[RunSeries.UpdateNorm] / weight : double.NaN;
        if (step.Has(LayerStatistic.RmsStaleness))
        {
            step.Column(LayerStatistic.RmsStaleness).CopyTo(target.Layer(LayerSeries.RmsStaleness));
            target[RunSeries.RmsStaleness] = Largest(step.Column(LayerStatistic.RmsStaleness));
        }

        if (step.Has(LayerStatistic.NonFinite))
        {
            step.Column(LayerStatistic.NonFinite).CopyTo(target.Layer(LayerSeries.NonFinite));
            target[RunSeries.NonFinite] = LayerSum.OrAbsent(step.Column(LayerStatistic.NonFinite));
        }
    }

    public override void Save(StateWriter writer)
    {
    }

    public override void Load(ref StateReader reader)
    {
    }

    private static void Carry(in SeriesTarget target)
    {
        var step = target.Step;
        target[RunSeries.Loss] = step[StepValue.Loss];
        target[RunSeries.LearningRate] = step[StepValue.LearningRate];
        target[RunSeries.Accuracy] = step[StepValue.Accuracy];
        target[RunSeries.HeldOutLoss] = step[StepValue.HeldOutLoss];
        target[RunSeries.HeldOutAccuracy] = step[StepValue.HeldOutAccuracy];
        target[RunSeries.Tokens] = step[StepValue.Tokens];
        target[RunSeries.StepSeconds] = step[StepValue.StepSeconds];
        target[RunSeries.MonitorSeconds] = step[StepValue.MonitorSeconds];
        target[RunSeries.Epoch] = step[StepValue.Epoch];
        target[RunSeries.Samples] = step[StepValue.Samples];
        target[RunSeries.ZeroGradExamples] = step[StepValue.ZeroGradExamples];
        target[RunSeries.ClipCoefficient] = step[StepValue.ClipCoefficient];
    }

    private static void Norm(in SeriesTarget target, LayerStatistic squares, LayerSeries layer, RunSeries run)
    {
        if (target.Step.Has(squares))
        {
            TensorPrimitives.Sqrt(target.Step.Column(squares), target.Layer(layer));
            target[run] = Math.Sqrt(LayerSum.OrAbsent(target.Step.Column(squares)));
        }
    }

    // TensorPrimitives.Max gives NaN when any value is NaN (a layer without a second moment); here those are left out.
    private static double Largest(ReadOnlySpan<double> values)
    {
        var largest = double.NaN;
        foreach (var value in values)
        {
            largest = value > largest || double.IsNaN(largest) ? value : largest;
        }

        return largest;
    }
}
