using TrainingMonitor.Estimation.Detection.Statistics;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Memorization;

/// <summary>The sequential test behind <see cref="MemorizationDetector"/>: are gains on fresh examples negative on average?
/// Each gain is divided by a running scale known before it came. The null is a conditional mean of −<see cref="Slack"/> scales or more; it
/// does not depend on units or on the learning rate.</summary>
public sealed class FreshGainTest
{
    /// <summary>Average run length in readings: the evidence an alarm needs is its logarithm, 9.2 nats.</summary>
    public const double AverageRunLength = 1e4;

    /// <summary>Evidence that fresh examples are helped again, before an alarm resolves.</summary>
    public const double RecoveryRunLength = 1e3;

    /// <summary>Mean, in scales, that still counts as none: the half-sum drops terms of third order in the step, which on healthy one-pass runs
    /// with large steps leave a mean of at most 0.02 scales.</summary>
    public const double Slack = 0.05;

    /// <summary>Readings before the first bet, so that the scale is one.</summary>
    public const int Warmup = 20;

    private const double ScaleRate = 0.05;

    private readonly EDetector harm = new();
    private readonly EDetector recovery = new();
    private readonly OnsetClock onset = new();
    private readonly ExponentialMean square = new();

    /// <summary>Nats of evidence that fresh examples are harmed.</summary>
    public double Evidence => harm.LogValue;

    /// <summary>Whether the evidence suffices.</summary>
    public bool Crossed => harm.Value >= AverageRunLength;

    /// <summary>Whether fresh examples are helped again; looked at while an alarm stands.</summary>
    public bool Recovered => recovery.Value >= RecoveryRunLength;

    /// <summary>Where the harm began.</summary>
    public long OnsetStep => onset.Since;

    /// <summary>The last gain in scales; NaN before the scale is known.</summary>
    public double Standard { get; private set; } = double.NaN;

    /// <summary>Takes the gain of a batch. True where the harm, if there is any, begins at this step or later.</summary>
    public bool Add(double gain, long step)
    {
        var began = true;
        Standard = double.NaN;
        if (square.Count >= Warmup)
        {
            var scale = Math.Sqrt(square.Value);
            Standard = scale > 0 ? gain / scale : 0;
            harm.Add(-Standard - Slack);
            recovery.Add(Standard - Slack);
            onset.Add(-Standard - Slack, step);
            began = onset.Since == step;
        }
        else
        {
            onset.Reset(step);
        }

        square.Add(gain * gain, ScaleRate);
        return began;
    }

    /// <summary>Starts the evidence again; the scale stays.</summary>
    public void Restart(long step)
    {
        harm.Reset();
        recovery.Reset();
        onset.Reset(step);
    }

    /// <summary>Starts the evidence of recovery again: called when an alarm begins.</summary>
    public void RestartRecovery() => recovery.Reset();

    /// <summary>Forgets everything.</summary>
    public void Reset(long step)
    {
        Restart(step);
        square.Reset();
    }

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        harm.Save(writer);
        recovery.Save(writer);
        onset.Save(writer);
        square.Save(writer);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        harm.Load(ref reader);
        recovery.Load(ref reader);
        onset.Load(ref reader);
        square.Load(ref reader);
    }
}
