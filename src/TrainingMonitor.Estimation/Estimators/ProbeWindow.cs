using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>The last probes of one kind: a value, its relative error, and a figure made of it, in order.</summary>
internal sealed class ProbeWindow
{
    /// <summary>Probes kept. At the edge sharpness rises and is thrown back in cycles; the window has to hold one.</summary>
    public const int Length = 10;

    private const int Fewest = 3;
    private readonly double[] values = new double[Length];
    private readonly double[] errors = new double[Length];
    private readonly double[] figures = new double[Length];
    private long count;

    /// <summary>Whether there are enough to judge by.</summary>
    public bool IsFilled => count >= Fewest;

    /// <summary>Mean value.</summary>
    public double Value => Mean(values, 0, Size);

    /// <summary>Mean figure.</summary>
    public double Figure => Mean(figures, 0, Size);

    private int Size => (int)Math.Min(count, Length);

    /// <summary>Forgets everything.</summary>
    public void Clear() => count = 0;

    /// <summary>Adds a probe; an unknown error counts as none.</summary>
    public void Add(double value, double relativeError, double figure)
    {
        var place = (int)(count % Length);
        (values[place], errors[place], figures[place]) = (value, double.IsFinite(relativeError) ? relativeError : 0, figure);
        count++;
    }

    /// <summary>Whether the newer half is above the older one by a share and by two standard errors of the difference.</summary>
    public bool IsRising(double share)
    {
        var half = Size / 2;
        double before = Mean(values, 0, half), after = Mean(values, Size - half, half), variance = 0;
        for (var i = 0; i < Size; i++)
        {
            var error = i < half || i >= Size - half ? At(errors, i) * At(values, i) / half : 0;
            variance += error * error;
        }

        return after - before > Math.Max(share * before, 2 * Math.Sqrt(variance));
    }

    public void Save(StateWriter writer)
    {
        writer.Write(values);
        writer.Write(errors);
        writer.Write(figures);
        writer.Write(count);
    }

    public void Load(ref StateReader reader)
    {
        reader.Read(values);
        reader.Read(errors);
        reader.Read(figures);
        count = reader.ReadInt64();
    }

    private double Mean(double[] from, int first, int number)
    {
        double sum = 0;
        for (var i = first; i < first + number; i++)
        {
            sum += At(from, i);
        }

        return sum / number;
    }

    // The i-th oldest of the window.
    private double At(double[] from, int i) => from[(int)((count - Size + i) % Length)];
}
