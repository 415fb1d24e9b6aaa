using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Statistics;

/// <summary>Mean with exponential forgetting; a plain mean until <c>1/rate</c> values came.</summary>
public sealed class ExponentialMean
{
    /// <summary>The mean; NaN before the first value.</summary>
    public double Value { get; private set; } = double.NaN;

    /// <summary>Values taken.</summary>
    public long Count { get; private set; }

    /// <summary>Takes a value; <paramref name="rate"/> is the weight of a new value once there are enough.</summary>
    public void Add(double value, double rate)
    {
        Count++;
        Value = Count == 1 ? value : Value + (Math.Max(rate, 1.0 / Count) * (value - Value));
    }

    /// <summary>Starts again.</summary>
    public void Reset()
    {
        Value = double.NaN;
        Count = 0;
    }

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(Value);
        writer.Write(Count);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        Value = reader.ReadDouble();
        Count = reader.ReadInt64();
    }
}
