using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>One family of statistics: a pure function of the steps in order, with no allocation per step.</summary>
internal abstract class Estimator
{
    /// <summary>Takes the step in and writes its values; what is not written stays NaN.</summary>
    public abstract void Apply(in SeriesTarget target);

    /// <summary>Moves per-layer state to a new table.</summary>
    public virtual void SetLayers(ReadOnlySpan<int> previousIndex)
    {
    }

    /// <summary>Windows restart: steps before and after are not comparable.</summary>
    public virtual void BeginSegment()
    {
    }

    public abstract void Save(StateWriter writer);

    public abstract void Load(ref StateReader reader);
}
