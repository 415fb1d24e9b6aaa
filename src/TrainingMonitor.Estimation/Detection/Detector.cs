using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection;

/// <summary>One rule (or a family of rules that share state) of one run. A pure function of the calls in order: no clock, no I/O, no
/// allocation unless a state changes. <see cref="RunAnalysis"/> calls it after the estimators of the step are up to date.</summary>
public abstract class Detector
{
    /// <summary>Looks at a step.</summary>
    public abstract void Apply(in DetectorContext context, FindingSink sink);

    /// <summary>Looks at a probe; <see cref="DetectorContext.HasInput"/> is false.</summary>
    public virtual void ApplyProbe(in DetectorContext context, in ProbeInput probe, FindingSink sink)
    {
    }

    /// <summary>A new attempt or a rewind: restart windows, resolve what spoke of the old segment.
    /// The context has the new attempt and segment; its values are already cleared.</summary>
    public virtual void BeginSegment(in DetectorContext context, FindingSink sink)
    {
    }

    /// <summary>The layer table changed. <paramref name="previousIndex"/>[i] is the old index of the layer that is now i, −1 where it is new.</summary>
    public virtual void SetLayers(ReadOnlySpan<int> previousIndex)
    {
    }

    /// <summary>Hyper-parameters changed, mid-run.</summary>
    public virtual void Configure(RunConfiguration configuration)
    {
    }

    /// <summary>The clock decided that the run is stalled: nothing came within <paramref name="promisedSeconds"/> after the context's step.</summary>
    public virtual void Stalled(in DetectorContext context, double promisedSeconds, FindingSink sink)
    {
    }

    /// <summary>Ranks that must agree do not.</summary>
    public virtual void RankDisagreement(
        in DetectorContext context, LayerStatistic statistic, int layer, double smallest, double largest, FindingSink sink)
    {
    }

    /// <summary>The run ended: resolve what speaks of a live run.</summary>
    public virtual void End(in DetectorContext context, FindingSink sink)
    {
    }

    /// <summary>Writes the whole state.</summary>
    public abstract void Save(StateWriter writer);

    /// <summary>Reads the whole state back, bit exact; called right after construction and <see cref="SetLayers"/>.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public abstract void Load(ref StateReader reader);
}
