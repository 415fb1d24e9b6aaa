using TrainingMonitor.Estimation.Detection.Statistics;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Stability;

/// <summary>What came before a loss spike: RMS staleness above 2.3 (Wortsman et al., arXiv:2304.13013: spikes follow in 1 to 8 steps) and an update
/// norm of twice its median.</summary>
public sealed class SpikePrecursor
{
    /// <summary>RMS staleness that warns.</summary>
    public const double StaleRms = 2.3;

    /// <summary>Update norm over its median that warns.</summary>
    public const double UpdateGrowth = 2;

    /// <summary>Steps a precursor counts for.</summary>
    public const long Memory = 16;

    private readonly RunningMedian updates = new(32);
    private long staleStep = -1;
    private double stale;
    private long grownStep = -1;
    private double grown;

    /// <summary>Largest staleness within <see cref="Memory"/> steps where it warned, else 0.</summary>
    public double Staleness(long step) => staleStep >= 0 && step - staleStep <= Memory ? stale : 0;

    /// <summary>Largest growth of the update norm within <see cref="Memory"/> steps where it warned, else 0.</summary>
    public double Growth(long step) => grownStep >= 0 && step - grownStep <= Memory ? grown : 0;

    /// <summary>Takes a step.</summary>
    public void Add(in DetectorContext context)
    {
        var step = context.Step;
        var rms = context[RunSeries.RmsStaleness];
        if (double.IsFinite(rms) && rms > StaleRms)
        {
            stale = Math.Max(rms, Staleness(step));
            staleStep = step;
        }

        var norm = context[RunSeries.UpdateNorm];
        if (!double.IsFinite(norm))
        {
            return;
        }

        var median = updates.IsFull ? updates.Median() : double.NaN;
        if (norm > UpdateGrowth * median && median > 0)
        {
            grown = Math.Max(norm / median, Growth(step));
            grownStep = step;
        }

        updates.Add(norm);
    }

    /// <summary>A new segment.</summary>
    public void Reset()
    {
        updates.Reset();
        staleStep = -1;
        grownStep = -1;
    }

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        updates.Save(writer);
        writer.Write(staleStep);
        writer.Write(stale);
        writer.Write(grownStep);
        writer.Write(grown);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        updates.Load(ref reader);
        staleStep = reader.ReadInt64();
        stale = reader.ReadDouble();
        grownStep = reader.ReadInt64();
        grown = reader.ReadDouble();
    }
}
