using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Memorization;

/// <summary>Remembers which statistics a run has ever sent, to say what the memorization test lacks.</summary>
public sealed class MissingForMemorization
{
    private bool own;
    private bool cross;
    private bool self;
    private bool lag;

    /// <summary>Looks at a step.</summary>
    public void Look(StepInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        own |= input.Has(LayerStatistic.Own);
        cross |= input.Has(LayerStatistic.Cross);
        self |= input.Has(LayerStatistic.SelfSecondMoment) && input.Has(LayerStatistic.SelfMeanSq);
        lag |= input.HasLag;
    }

    /// <summary>What is absent, by the names of the wire contract.</summary>
    public IReadOnlyList<string> List(RunConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var missing = new List<string>();
        if (!own)
        {
            missing.Add("own");
        }

        if (!cross)
        {
            missing.Add("cross");
        }

        if (!self)
        {
            missing.Add("self_second_moment");
            missing.Add("self_mean_sq");
        }

        if (!lag)
        {
            missing.Add("lag");
        }

        if (!lag && configuration.Sampling is SamplingScheme.Unknown)
        {
            missing.Add("sampling");
        }

        if (!lag && configuration.DatasetSize == 0)
        {
            missing.Add("dataset_size");
        }

        return missing;
    }

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(own);
        writer.Write(cross);
        writer.Write(self);
        writer.Write(lag);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        own = reader.ReadBoolean();
        cross = reader.ReadBoolean();
        self = reader.ReadBoolean();
        lag = reader.ReadBoolean();
    }
}
