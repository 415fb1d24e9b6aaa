using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Statistics;

/// <summary>The largest of the last 256 values or so, the latest 0 to 15 left out, so that what grows over several steps is not measured against itself. Where
/// values are independent with a tail of x^−α, the next exceeds c times the peak with a probability of about c^−α/256, whatever their scale: a threshold that knows
/// how heavy a run's tails are.</summary>
public sealed class PeakWindow
{
    /// <summary>Values a block.</summary>
    public const int Block = 16;

    /// <summary>Blocks remembered.</summary>
    public const int Blocks = 16;

    private readonly double[] peaks = new double[Blocks];
    private double current = double.NegativeInfinity;
    private int inCurrent;
    private int next;

    /// <summary>Whole blocks held.</summary>
    public int Held { get; private set; }

    /// <summary>The peak; NaN where fewer than <paramref name="leastBlocks"/> blocks are whole.</summary>
    public double Peak(int leastBlocks)
    {
        if (Held < leastBlocks)
        {
            return double.NaN;
        }

        var peak = peaks[0];
        for (var i = 1; i < Held; i++)
        {
            peak = Math.Max(peak, peaks[i]);
        }

        return peak;
    }

    /// <summary>Takes a finite value.</summary>
    public void Add(double value)
    {
        current = Math.Max(current, value);
        if (++inCurrent < Block)
        {
            return;
        }

        peaks[next] = current;
        next = (next + 1) % Blocks;
        Held = Math.Min(Held + 1, Blocks);
        current = double.NegativeInfinity;
        inCurrent = 0;
    }

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        Array.Clear(peaks);
        current = double.NegativeInfinity;
        inCurrent = 0;
        next = 0;
        Held = 0;
    }

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(peaks);
        writer.Write(current);
        writer.Write(inCurrent);
        writer.Write(next);
        writer.Write(Held);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        reader.Read(peaks);
        current = reader.ReadDouble();
        inCurrent = reader.ReadInt32();
        next = reader.ReadInt32();
        Held = reader.ReadInt32();
        if (inCurrent is < 0 or >= Block || next is < 0 or >= Blocks || Held is < 0 or > Blocks)
        {
            throw new InvalidDataException($"State has {Held} blocks, next {next}, and {inCurrent} values in the last.");
        }
    }
}
