using System.Numerics.Tensors;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Signal and noise of the gradient: unbiased |G|² and tr Σ, gradient noise scale with its interval, LOO ratio ρ; for the run and each layer.
/// With M units of m examples, G = ‖ḡ‖², Q = mean ‖g_i‖²:  |G|² ~ U = (M G − Q)/(M−1),  tr Σ ~ S = m M (Q − G)/(M−1)
/// (McCandlish et al. 2018, appendix A, with B_small = m; docs/statistics.md §1–2).</summary>
internal sealed class NoiseEstimator : Estimator
{
    /// <summary>Weight an average keeps a measurement: 50 measurements long.</summary>
    public const double Decay = 0.98;

    /// <summary>Below this loss float32 gradients cancel: softmax has saturated.</summary>
    public const double SmallestLoss = 1e-7;

    private readonly LayerMoments layers = new(Decay);
    private PairMoments moments;

    public override void SetLayers(ReadOnlySpan<int> previousIndex) => layers.Remap(previousIndex);

    public override void BeginSegment()
    {
        moments = default;
        layers.Clear();
    }

    public override void Apply(in SeriesTarget target)
    {
        var step = target.Step;
        if (step.UnitCount < 2 || !step.Has(LayerStatistic.GradSq) || !step.Has(LayerStatistic.ExampleGradSq))
        {
            return;
        }

        var mean = step.Column(LayerStatistic.GradSq);
        var units = step.Column(LayerStatistic.ExampleGradSq);
        double m = step.UnitCount, size = Math.Max(1, step.UnitSize), scale = target.Unclip * target.Unclip;
        var map = (
            A: scale * m / (m - 1),
            B: -scale / (m - 1),
            C: -scale * size * m / (m - 1),
            D: scale * size * m / (m - 1));
        layers.Add(mean, units, map);
        var (totalMean, totalUnits) = Totals(mean, units);
        var signal = (totalMean * map.A) + (totalUnits * map.B);
        var trace = (totalMean * map.C) + (totalUnits * map.D);
        if (!Usable.Is(signal) || !Usable.Is(trace))
        {
            return;
        }

        moments.Add(signal, trace, Decay);
        Write(target, totalMean, totalUnits);
    }

    public override void Save(StateWriter writer)
    {
        moments.Save(writer);
        layers.Save(writer);
    }

    public override void Load(ref StateReader reader)
    {
        moments.Load(ref reader);
        layers.Load(ref reader);
    }

    // Layers that have no per-example value (NaN) are left out of both sums; a gradient that is not finite spoils the step.
    private static (double Mean, double Units) Totals(ReadOnlySpan<double> mean, ReadOnlySpan<double> units)
    {
        double totalMean = LayerSum.Of(mean), totalUnits = LayerSum.Of(units);
        if (!double.IsNaN(totalUnits) || !Usable.Is(totalMean))
        {
            return (totalMean, totalUnits);
        }

        (totalMean, totalUnits) = (0, 0);
        var any = false;
        for (var i = 0; i < units.Length; i++)
        {
            if (!double.IsNaN(units[i]))
            {
                totalMean += mean[i];
                totalUnits += units[i];
                any = true;
            }
        }

        return any ? (totalMean, totalUnits) : (double.NaN, double.NaN);
    }

    private void Write(in SeriesTarget target, double totalMean, double totalUnits)
    {
        double signal = moments.MeanU, trace = moments.MeanS;
        target[RunSeries.SignalSq] = signal;
        target[RunSeries.TraceSigma] = trace;
        target[RunSeries.NoiseScale] = signal > 0 ? trace / signal : double.NaN;
        (target[RunSeries.NoiseScaleLow], target[RunSeries.NoiseScaleHigh]) = RatioInterval.Of(moments);

        layers.Write(target);
        var ratio = new LooRatio(target.Step, target.Configuration);
        if (!ratio.Known)
        {
            return;
        }

        var layerRatio = target.Layer(LayerSeries.LooRatio);
        if (ratio.FullBatch)
        {
            target[RunSeries.LooRatio] = ratio.Exact(totalMean, totalUnits);
            var mean = target.Step.Column(LayerStatistic.GradSq);
            var units = target.Step.Column(LayerStatistic.ExampleGradSq);
            for (var i = 0; i < layerRatio.Length; i++)
            {
                layerRatio[i] = ratio.Exact(mean[i], units[i]);
            }

            return;
        }

        target[RunSeries.LooRatio] = ratio.Sampled(signal, trace);
        LayerKernels.DividePositive(target.Layer(LayerSeries.SignalSq), target.Layer(LayerSeries.TraceSigma), layerRatio);
        TensorPrimitives.Multiply(layerRatio, ratio.Slope, layerRatio);
        TensorPrimitives.Add(layerRatio, ratio.Offset, layerRatio);
    }
}
