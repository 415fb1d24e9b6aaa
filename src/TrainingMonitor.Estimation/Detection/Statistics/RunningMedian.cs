using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Statistics;

/// <summary>Median and median absolute deviation of the last values.</summary>
public sealed class RunningMedian(int capacity)
{
    private readonly double[] ring = new double[capacity];
    private readonly double[] scratch = new double[capacity];
    private int next;

    /// <summary>Values held.</summary>
    public int Count { get; private set; }

    /// <summary>Whether it holds as many as it can.</summary>
    public bool IsFull => Count == capacity;

    /// <summary>Takes a finite value in place of the oldest.</summary>
    public void Add(double value)
    {
        ring[next] = value;
        next = (next + 1) % capacity;
        Count = Math.Min(Count + 1, capacity);
    }

    /// <summary>The median; NaN where empty.</summary>
    public double Median()
    {
        ring.AsSpan(0, Count).CopyTo(scratch);
        return MedianOfScratch();
    }

    /// <summary>Median distance from <paramref name="centre"/>, times 1.4826 (a standard deviation where values are normal).</summary>
    public double Deviation(double centre)
    {
        for (var i = 0; i < Count; i++)
        {
            scratch[i] = Math.Abs(ring[i] - centre);
        }

        return 1.4826 * MedianOfScratch();
    }

    /// <summary>Median distance of the logarithms from that of <paramref name="centre"/>, times 1.4826. Values of 0 and below are infinitely far.</summary>
    public double LogDeviation(double centre)
    {
        for (var i = 0; i < Count; i++)
        {
            scratch[i] = ring[i] > 0 ? Math.Abs(Math.Log(ring[i] / centre)) : double.PositiveInfinity;
        }

        return 1.4826 * MedianOfScratch();
    }

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        Count = 0;
        next = 0;
        Array.Clear(ring);
    }

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(Count);
        writer.Write(next);
        writer.Write(ring);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        Count = reader.ReadInt32();
        next = reader.ReadInt32();
        if (Count < 0 || Count > capacity || next < 0 || next >= capacity)
        {
            throw new InvalidDataException($"State has {Count} values, next {next}, where {capacity} fit.");
        }

        reader.Read(ring);
    }

    private double MedianOfScratch()
    {
        if (Count == 0)
        {
            return double.NaN;
        }

        var values = scratch.AsSpan(0, Count);
        values.Sort();
        return Count % 2 == 1 ? values[Count / 2] : 0.5 * (values[(Count / 2) - 1] + values[Count / 2]);
    }
}
