using TrainingMonitor.Estimation.Detection.Statistics;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Stability;

/// <summary>Signs that a loss spike is coming, each against the largest value of the last 256 steps: the update norm over the learning rate together with the
/// gradient norm; RMS staleness together with the update norm (Wortsman et al., arXiv:2304.13013: spikes follow in 1 to 8 steps); a learning rate that the run has never
/// trained with, together with the update norm.</summary>
public sealed class SpikeSigns
{
    /// <summary>Update norm over learning rate, in peaks, that is a sign together with <see cref="GradientGrowth"/>.</summary>
    public const double UpdateGrowth = 2;

    /// <summary>Gradient norm, in peaks.</summary>
    public const double GradientGrowth = 1.5;

    /// <summary>RMS staleness, in peaks, that is a sign where it is also above <see cref="SpikePrecursor.StaleRms"/>.</summary>
    public const double StaleGrowth = 1.5;

    /// <summary>Update norm, in peaks, that goes with staleness or with a new learning rate: Adam's own is smooth.</summary>
    public const double LeastGrowth = 1.25;

    /// <summary>Learning rate over the largest trusted one.</summary>
    public const double RateGrowth = 2;

    /// <summary>Blocks of history before anything is judged.</summary>
    private const int LeastBlocks = 6;

    private readonly PeakWindow updates = new();
    private readonly PeakWindow scaled = new();
    private readonly PeakWindow gradients = new();
    private readonly PeakWindow staleness = new();
    private readonly TrustedRate rates = new();

    /// <summary>Update norm over learning rate, in peaks.</summary>
    public double Update { get; private set; }

    /// <summary>Gradient norm, in peaks.</summary>
    public double Gradient { get; private set; }

    /// <summary>RMS staleness, in peaks; NaN where there is none.</summary>
    public double Stale { get; private set; }

    /// <summary>RMS staleness.</summary>
    public double Rms { get; private set; }

    /// <summary>Learning rate over the largest trusted one.</summary>
    public double Rate { get; private set; }

    /// <summary>The update norm itself, in peaks.</summary>
    public double RawUpdate { get; private set; }

    /// <summary>The learning rate is new, and the update has grown with it: no noise is in that, one step is enough.</summary>
    public bool IsNewRate => Rate >= RateGrowth && RawUpdate >= LeastGrowth;

    /// <summary>Update and gradient, or staleness and update, have left what is usual; a single hard batch does that too.</summary>
    public bool IsGrowth => (Update >= UpdateGrowth && !(Gradient < GradientGrowth)) || (Rms >= SpikePrecursor.StaleRms && Stale >= StaleGrowth && Update >= LeastGrowth);

    /// <summary>Takes a step.</summary>
    public void Add(in DetectorContext context)
    {
        var norm = context[RunSeries.UpdateNorm];
        var rate = context[RunSeries.LearningRate];
        var hasRate = rate > 0 && double.IsFinite(rate);
        RawUpdate = Against(updates, norm);
        Update = Against(scaled, hasRate ? norm / rate : norm);
        Gradient = Against(gradients, context[RunSeries.GradNorm]);
        Rms = context[RunSeries.RmsStaleness];
        Stale = Against(staleness, Rms);
        Rate = hasRate && rates.Value > 0 ? rate / rates.Value : double.NaN;
        if (hasRate)
        {
            rates.Add(rate);
        }
    }

    /// <summary>A new segment: what is usual starts again, learning rates stay trusted.</summary>
    public void Reset()
    {
        updates.Reset();
        scaled.Reset();
        gradients.Reset();
        staleness.Reset();
    }

    /// <summary>Writes the state. What the signs were at the last step is not part of it: the next step makes them anew.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        updates.Save(writer);
        scaled.Save(writer);
        gradients.Save(writer);
        staleness.Save(writer);
        rates.Save(writer);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        updates.Load(ref reader);
        scaled.Load(ref reader);
        gradients.Load(ref reader);
        staleness.Load(ref reader);
        rates.Load(ref reader);
    }

    private static double Against(PeakWindow window, double value)
    {
        var peak = window.Peak(LeastBlocks);
        if (double.IsFinite(value))
        {
            window.Add(value);
        }

        // Infinite norms are infinitely many peaks; NaN stays NaN.
        return peak > 0 ? value / peak : double.NaN;
    }
}
