using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Statistics;

/// <summary>Where a change began: the last time a CUSUM of the bets stood at its floor. The maximum-likelihood estimate of the change point for
/// the bet it uses; it dates an alarm and has no part in raising it.</summary>
public sealed class OnsetClock
{
    private const double Bet = 0.16;
    private double log;

    /// <summary>Step of the last floor.</summary>
    public long Since { get; private set; }

    /// <summary>Takes an input of <see cref="EDetector"/>, made at <paramref name="step"/>.</summary>
    public void Add(double x, long step)
    {
        log += Math.Log(1 + (Bet * Math.Clamp(x, EDetector.Lowest, EDetector.Highest)));
        if (log <= 0)
        {
            Reset(step);
        }
    }

    /// <summary>Starts again at a step.</summary>
    public void Reset(long step)
    {
        log = 0;
        Since = step;
    }

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(log);
        writer.Write(Since);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        log = reader.ReadDouble();
        Since = reader.ReadInt64();
    }
}
