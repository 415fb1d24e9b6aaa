using System.Globalization;
using TrainingMonitor.Estimation.Detection.Statistics;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Stability;

/// <summary>Divergence: the loss runs away from where training began and does not come back, or turns non-finite out of a run-away.</summary>
public sealed class DivergenceDetector : Detector
{
    /// <summary>Loss over that of the start that is a run-away.</summary>
    public const double RunAway = 3;

    /// <summary>Steps in a row beyond it.</summary>
    public const int RunAwaySteps = 3;

    /// <summary>Loss over that of the start that is worse than not training at all, if it stays.</summary>
    public const double Worse = 1.5;

    /// <summary>Steps in a row beyond it.</summary>
    public const int WorseSteps = 50;

    /// <summary>Least rise above the start, in units of the loss, unless the loss is <see cref="RunAwayAnyway"/> times its start: a run that is
    /// watched from the middle starts low, and its batch noise is many times that.</summary>
    public const double LeastRise = 0.5;

    /// <summary>Loss over that of the start that is a run-away however small both are.</summary>
    public const double RunAwayAnyway = 30;

    /// <summary>What is the same in every finding.</summary>
    public static readonly AlertRule Rule = new(
        DetectionRule.Divergence,
        FindingSeverity.Critical,
        "loss",
        "loss beyond 3 × that of the start for 3 steps, beyond 1.5 × for 50, or non-finite while above it; a loss that only spikes back does not fire",
        "Stop, lower the learning rate (or lengthen the warm-up) and go back to a checkpoint from before.");

    /// <summary>First losses whose median the start is, where it lies above the very first: one small batch says little.</summary>
    public const int StartLosses = 15;

    private const int CalmToResolve = 20;

    private readonly AlertLifecycle alert = new(Rule);
    private readonly RunningMedian first = new(StartLosses);
    private bool hasStart;
    private double start = double.NaN;
    private double level = double.NaN;
    private double last = double.NaN;
    private int runAway;
    private int worse;
    private int calm;
    private long firstWorse = -1;

    /// <inheritdoc/>
    public override void Apply(in DetectorContext context, FindingSink sink)
    {
        var loss = context[RunSeries.Loss];
        if (!hasStart && double.IsFinite(loss))
        {
            // A later segment starts from a checkpoint: the first start stays where it is higher.
            hasStart = true;
            start = Math.Max(loss, double.IsNaN(start) ? loss : start);
            level = double.IsNaN(level) ? start : Math.Max(start, level);
            last = loss;
            first.Add(loss);
            return;
        }

        if (!double.IsFinite(loss))
        {
            var broke = double.IsInfinity(loss) || NonFiniteScan.LossIsNonFinite(context.Input);
            if (broke && Excess(last) > 1 && !alert.IsFiring)
            {
                alert.Fire(context, sink, Describe(context, last, "then left the finite numbers"), firstWorse < 0 ? context.Step : firstWorse);
            }

            return;
        }

        last = loss;
        if (!first.IsFull)
        {
            // A run that runs away at once is seen all the same: its loss grows faster than the median of the first half of it.
            first.Add(loss);
            level = Math.Max(level, first.Median());
        }

        var excess = Excess(loss);
        firstWorse = excess > 1 ? (firstWorse < 0 ? context.Step : firstWorse) : -1;
        var rose = loss - level >= LeastRise || excess > RunAwayAnyway;
        runAway = rose && excess > RunAway ? runAway + 1 : 0;
        worse = rose && excess > Worse ? worse + 1 : 0;
        calm = excess <= 1 ? calm + 1 : 0;
        if (!alert.IsFiring && (runAway >= RunAwaySteps || worse >= WorseSteps))
        {
            alert.Fire(context, sink, Describe(context, loss, "and does not come back"), firstWorse);
        }
        else if (alert.IsFiring && calm >= CalmToResolve)
        {
            var summary = string.Create(CultureInfo.InvariantCulture, $"The loss is back at {loss:G4}, below its start {start:G4}.");
            alert.Resolve(context, sink, new AlertEvidence(loss, start, alert.SinceStep, summary));
        }
    }

    /// <inheritdoc/>
    public override void BeginSegment(in DetectorContext context, FindingSink sink)
    {
        alert.Close(context, sink, "A new segment began: the loss is judged afresh.");
        hasStart = false;
        first.Reset();
        last = double.NaN;
        runAway = 0;
        worse = 0;
        calm = 0;
        firstWorse = -1;
    }

    /// <inheritdoc/>
    public override void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        alert.Save(writer);
        first.Save(writer);
        writer.Write(hasStart);
        writer.Write(start);
        writer.Write(level);
        writer.Write(last);
        writer.Write(runAway);
        writer.Write(worse);
        writer.Write(calm);
        writer.Write(firstWorse);
    }

    /// <inheritdoc/>
    public override void Load(ref StateReader reader)
    {
        alert.Load(ref reader);
        first.Load(ref reader);
        hasStart = reader.ReadBoolean();
        start = reader.ReadDouble();
        level = reader.ReadDouble();
        last = reader.ReadDouble();
        runAway = reader.ReadInt32();
        worse = reader.ReadInt32();
        calm = reader.ReadInt32();
        firstWorse = reader.ReadInt64();
    }

    // Loss over that of the start; a start at or below zero (log densities) has no ratio: one plus the distance from it in units of its size.
    private double Excess(double loss) => level > 0 ? loss / level : 1 + ((loss - level) / Math.Max(1, Math.Abs(level)));

    private AlertEvidence Describe(in DetectorContext context, double loss, string how)
    {
        var summary = string.Create(
            CultureInfo.InvariantCulture, $"Training diverges: the loss went from {start:G4} to {loss:G4} ({Excess(loss):G3} times the level of its start) {how}.");
        return new AlertEvidence(loss, RunAway * level, firstWorse < 0 ? context.Step : firstWorse, summary)
        {
            Values = new Dictionary<string, double>(StringComparer.Ordinal) { ["start_loss"] = level, ["excess"] = Excess(loss) },
        };
    }
}
