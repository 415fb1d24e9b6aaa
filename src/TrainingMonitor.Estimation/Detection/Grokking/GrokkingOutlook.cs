using TrainingMonitor.Estimation.Detection.Statistics;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Grokking;

/// <summary>How a memorized run stands: the history of its LOO ratio ρ since memorization and the line through its later half.</summary>
public sealed class GrokkingOutlook
{
    /// <summary>Below this loss float32 gradients cancel and ρ jumps by itself: readings are left out.</summary>
    public const double LeastLoss = 1e-6;

    // A climb of this size counts a quarter in the score.
    private const double LeastRise = 0.1;
    private const long LeastSteps = 20;

    private readonly MemorizedClock clock = new();
    private readonly TrendBuffer history = new();

    /// <summary>Step at which the run had memorized; −1: it has not.</summary>
    public long Since => clock.Since;

    /// <summary>Steps that memorizing took.</summary>
    public long MemorizedIn => clock.Since - clock.FirstStep;

    /// <summary>Steps since memorization, at the last reading.</summary>
    public long Age { get; private set; }

    /// <summary>Step of the first loss.</summary>
    public long FirstStep => clock.FirstStep;

    /// <summary>Smoothed training loss over the first one.</summary>
    public double LossShare => clock.LossShare;

    /// <summary>Lowest ρ since the run began to fit.</summary>
    public double LowestOfAll => Math.Min(Lowest, clock.LowestRatio);

    /// <summary>Lowest ρ since memorization.</summary>
    public double Lowest { get; private set; } = double.PositiveInfinity;

    /// <summary>The line; of use after <see cref="Add"/> has been true.</summary>
    public ClimbForecast Climb { get; private set; }

    /// <summary>One number for how near grokking looks, 0 to 1: 1/(1 + times its age that the line needs to ρ = 1), times (r/(r + 0.1))² for the rise r since
    /// the lowest ρ. The second factor keeps a level near 1 that never climbed (random labels under strong decay) low.</summary>
    public double Score { get; private set; }

    /// <summary>Takes a step. True where it brought a reading of ρ after memorization and the history is long enough for a line.</summary>
    public bool Add(in DetectorContext context)
    {
        clock.Add(context);
        var ratio = context[RunSeries.LooRatio];
        if (clock.Since < 0 || !double.IsFinite(ratio) || !(clock.Loss >= LeastLoss))
        {
            return false;
        }

        history.Add(context.Step, ratio);
        Age = context.Step - clock.Since;
        if (Age < LeastSteps || !ClimbForecast.TryFit(history, clock.Since, context.Step, out var climb))
        {
            return false;
        }

        Climb = climb;
        foreach (var value in history.Values)
        {
            Lowest = Math.Min(Lowest, value);
        }

        var rise = Math.Max(0, climb.Now - Lowest);
        var climbed = rise / (rise + LeastRise);
        Score = climbed * climbed / (1 + (climb.Remaining / Age));
        return true;
    }

    /// <summary>A new segment: everything is judged afresh.</summary>
    public void Reset()
    {
        clock.Reset();
        history.Reset();
        Age = 0;
        Lowest = double.PositiveInfinity;
        Climb = default;
        Score = 0;
    }

    /// <summary>Writes the state; the line is made again by the next reading.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        clock.Save(writer);
        history.Save(writer);
        writer.Write(Lowest);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        clock.Load(ref reader);
        history.Load(ref reader);
        Lowest = reader.ReadDouble();
    }
}
