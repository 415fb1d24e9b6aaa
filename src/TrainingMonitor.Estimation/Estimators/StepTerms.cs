using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Terms of a step summed over layers, in nats of the unclipped loss and for the whole applied update, decoupled decay included. NaN where a
/// column is absent or a layer of it is not a finite number: a gain over some of the layers against the loss of all of them would pass for memorization.</summary>
internal readonly ref struct StepTerms
{
    /// <summary>Reads the step.</summary>
    public StepTerms(in SeriesTarget target)
    {
        var step = target.Step;
        var separateDecay = !target.Configuration.UpdateIncludesDecay;
        Own = Sum(step, LayerStatistic.Own, target.Unclip);
        Cross = Sum(step, LayerStatistic.Cross, target.Unclip);
        if (separateDecay)
        {
            Own += Added(step, LayerStatistic.DecayOwn, target.Unclip);
            DecayCross = Added(step, LayerStatistic.DecayCross, target.Unclip);
            Cross += DecayCross;
        }

        if (step.UnitCount >= 2)
        {
            Self = (Sum(step, LayerStatistic.SelfSecondMoment, target.Unclip) - Sum(step, LayerStatistic.SelfMeanSq, target.Unclip)) / (step.UnitCount - 1);
        }
    }

    /// <summary>⟨g_t,u_t⟩.</summary>
    public double Own { get; }

    /// <summary>⟨g_t,u_{t−1}⟩.</summary>
    public double Cross { get; }

    /// <summary>The decay's part of <see cref="Cross"/> that the lag sums do not have.</summary>
    public double DecayCross { get; }

    /// <summary>(q − s)/(M − 1): the part of own that each example gives itself. Units may be microbatches: the noise of their mean is the same.</summary>
    public double Self { get; } = double.NaN;

    private static double Sum(StepInput step, LayerStatistic statistic, double scale)
    {
        var sum = LayerSum.OrAbsent(step.Column(statistic)) * scale;
        return Usable.Is(sum) ? sum : double.NaN;
    }

    private static double Added(StepInput step, LayerStatistic statistic, double scale) => step.Has(statistic) ? Sum(step, statistic, scale) : 0;
}
