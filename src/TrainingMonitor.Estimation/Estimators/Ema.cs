using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Exponential moving average with bias correction: Σ(1−d)dᵏx / Σ(1−d)dᵏ. Values that are not usable numbers are left out.</summary>
internal struct Ema
{
    private double sum;
    private double weight;

    /// <summary>The average; NaN before the first value.</summary>
    public readonly double Value => weight > 0 ? sum / weight : double.NaN;

    /// <summary>Adds a value; <paramref name="decay"/> is what the old ones are multiplied by.</summary>
    public void Add(double value, double decay)
    {
        if (Usable.Is(value))
        {
            sum = (decay * sum) + ((1 - decay) * value);
            weight = (decay * weight) + (1 - decay);
        }
    }

    public readonly void Save(StateWriter writer)
    {
        writer.Write(sum);
        writer.Write(weight);
    }

    public static Ema Load(ref StateReader reader) => new() { sum = reader.ReadDouble(), weight = reader.ReadDouble() };
}
