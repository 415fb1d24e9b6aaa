using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Statistics;

/// <summary>A whole history in fixed memory: at most <see cref="Capacity"/> buckets of equally many readings. When full, neighbours are
/// averaged, so that the resolution follows the age.</summary>
public sealed class TrendBuffer
{
    /// <summary>Most buckets.</summary>
    public const int Capacity = 64;

    private readonly double[] steps = new double[Capacity];
    private readonly double[] values = new double[Capacity];
    private int width = 1;
    private int inLast;

    /// <summary>Buckets held.</summary>
    public int Count { get; private set; }

    /// <summary>Mean steps of the buckets, rising.</summary>
    public ReadOnlySpan<double> Steps => steps.AsSpan(0, Count);

    /// <summary>Mean values of the buckets.</summary>
    public ReadOnlySpan<double> Values => values.AsSpan(0, Count);

    /// <summary>Takes a reading.</summary>
    public void Add(double step, double value)
    {
        if (Count > 0 && inLast < width)
        {
            inLast++;
            steps[Count - 1] += (step - steps[Count - 1]) / inLast;
            values[Count - 1] += (value - values[Count - 1]) / inLast;
            return;
        }

        if (Count == Capacity)
        {
            Halve();
        }

        steps[Count] = step;
        values[Count] = value;
        Count++;
        inLast = 1;
    }

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        Array.Clear(steps);
        Array.Clear(values);
        Count = 0;
        width = 1;
        inLast = 0;
    }

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(Count);
        writer.Write(width);
        writer.Write(inLast);
        writer.Write(steps);
        writer.Write(values);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        Count = reader.ReadInt32();
        width = reader.ReadInt32();
        inLast = reader.ReadInt32();
        if (Count is < 0 or > Capacity || width < 1 || inLast < 0)
        {
            throw new InvalidDataException($"State has {Count} buckets of {width} with {inLast} in the last.");
        }

        reader.Read(steps);
        reader.Read(values);
    }

    private void Halve()
    {
        Count = Capacity / 2;
        for (var i = 0; i < Count; i++)
        {
            steps[i] = 0.5 * (steps[2 * i] + steps[(2 * i) + 1]);
            values[i] = 0.5 * (values[2 * i] + values[(2 * i) + 1]);
        }

        width *= 2;
    }
}
