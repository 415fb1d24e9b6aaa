using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Population-risk gate: share of coordinates whose mean beats their leave-one-out noise, minus the share that pure noise gives. No state.</summary>
internal sealed class GateEstimator : Estimator
{
    /// <summary>First steps of Adam, where m̂ and v̂ are made of the same few gradients.</summary>
    public const int ProxyMute = 20;

    // Nulls change only when what they depend on does; these are caches, not state.
    private (double Units, double Null) exact;
    private (double Beta1, double Beta2, double Steps, double Null) proxy;

    public override void Apply(in SeriesTarget target)
    {
        var step = target.Step;
        if (step.UnitCount >= 2 && step.Has(LayerStatistic.GateOpen) && step.Has(LayerStatistic.GateTotal))
        {
            exact = exact.Units == step.UnitCount ? exact : (step.UnitCount, GateNull.Exact(step.UnitCount));
            target[RunSeries.GateExcess] = Excess(
                step.Column(LayerStatistic.GateOpen), step.Column(LayerStatistic.GateTotal), exact.Null, target.Layer(LayerSeries.GateExcess));
        }

        if (step.Step >= ProxyMute && step.Has(LayerStatistic.GateOpenProxy) && step.Has(LayerStatistic.GateTotalProxy) && ProxyNull(target) is var nothing && nothing > 0)
        {
            target[RunSeries.GateExcessProxy] = Excess(
                step.Column(LayerStatistic.GateOpenProxy), step.Column(LayerStatistic.GateTotalProxy), nothing, target.Layer(LayerSeries.GateExcessProxy));
        }
    }

    public override void Save(StateWriter writer)
    {
    }

    public override void Load(ref StateReader reader)
    {
    }

    private static double Excess(ReadOnlySpan<double> open, ReadOnlySpan<double> total, double expected, Span<double> layers)
    {
        LayerKernels.DividePositive(open, total, layers);
        for (var i = 0; i < layers.Length; i++)
        {
            layers[i] -= expected;
        }

        var all = LayerSum.OrAbsent(total);
        return all > 0 ? (LayerSum.Of(open) / all) - expected : double.NaN;
    }

    private double ProxyNull(in SeriesTarget target)
    {
        double beta1 = target.Configuration.Beta1, beta2 = target.Configuration.Beta2;
        if (beta1 is not (> 0 and < 1) || beta2 is not (> 0 and < 1))
        {
            return double.NaN;
        }

        // Past 20 memories of β₂ the bias corrections are 1: the null stops changing.
        var steps = Math.Min(target.Step.Step + 1, Math.Ceiling(20 / (1 - beta2)));
        if (proxy.Beta1 != beta1 || proxy.Beta2 != beta2 || proxy.Steps != steps)
        {
            proxy = (beta1, beta2, steps, GateNull.Proxy(beta1, beta2, steps));
        }

        return proxy.Null;
    }
}
