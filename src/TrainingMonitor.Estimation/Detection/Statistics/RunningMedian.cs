using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Statistics;

/// <summary>Median and median absolute deviation of the last values. The values are also kept in order, so that a step costs a search and a shift, and no sort.</summary>
public sealed class RunningMedian(int capacity)
{
    private readonly double[] ring = new double[capacity];
    private readonly double[] sorted = new double[capacity];
    private int next;

    /// <summary>Values held.</summary>
    public int Count { get; private set; }

    /// <summary>Whether it holds as many as it can.</summary>
    public bool IsFull => Count == capacity;

    /// <summary>Takes a finite value in place of the oldest.</summary>
    public void Add(double value)
    {
        if (IsFull)
        {
            RemoveSorted(ring[next]);
        }

        InsertSorted(value, IsFull ? Count - 1 : Count);
        ring[next] = value;
        next = (next + 1) % capacity;
        Count = Math.Min(Count + 1, capacity);
    }

    /// <summary>The median; NaN where empty.</summary>
    public double Median() =>
        Count == 0 ? double.NaN : Count % 2 == 1 ? sorted[Count / 2] : 0.5 * (sorted[(Count / 2) - 1] + sorted[Count / 2]);

    /// <summary>Median distance from <paramref name="centre"/>, times 1.4826 (a standard deviation where values are normal).</summary>
    public double Deviation(double centre) => 1.4826 * MedianDistance(centre, static (value, from) => Math.Abs(value - from));

    /// <summary>Median distance of the logarithms from that of <paramref name="centre"/>, times 1.4826. Values of 0 and below are infinitely far.</summary>
    public double LogDeviation(double centre) =>
        1.4826 * MedianDistance(centre, static (value, from) => value > 0 ? Math.Abs(Math.Log(value / from)) : double.PositiveInfinity);

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        Count = 0;
        next = 0;
        Array.Clear(ring);
        Array.Clear(sorted);
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
        ring.CopyTo(sorted, 0);
        sorted.AsSpan(0, Count).Sort();
    }

    private void RemoveSorted(double value)
    {
        var at = sorted.AsSpan(0, Count).BinarySearch(value);
        sorted.AsSpan(at + 1, Count - at - 1).CopyTo(sorted.AsSpan(at));
    }

    private void InsertSorted(double value, int count)
    {
        var at = sorted.AsSpan(0, count).BinarySearch(value);
        at = at < 0 ? ~at : at;
        sorted.AsSpan(at, count - at).CopyTo(sorted.AsSpan(at + 1));
        sorted[at] = value;
    }

    // Distances grow away from the centre on both sides, so the nearest half is found by walking outwards.
    private double MedianDistance(double centre, Func<double, double, double> distance)
    {
        if (Count == 0)
        {
            return double.NaN;
        }

        var above = sorted.AsSpan(0, Count).BinarySearch(centre);
        above = above < 0 ? ~above : above;
        var below = above - 1;
        double down = Below(), up = Above(), last = 0, before = 0;
        for (var taken = 0; taken <= Count / 2; taken++)
        {
            before = last;
            if (below >= 0 && (above >= Count || down <= up))
            {
                last = down;
                below--;
                down = Below();
            }
            else
            {
                last = up;
                above++;
                up = Above();
            }
        }

        return Count % 2 == 1 ? last : 0.5 * (before + last);

        double Below() => below >= 0 ? distance(sorted[below], centre) : double.PositiveInfinity;
        double Above() => above < Count ? distance(sorted[above], centre) : double.PositiveInfinity;
    }
}
