using System.Globalization;
using TrainingMonitor.Estimation.Detection.Statistics;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Stability;

/// <summary>Loss spike: the loss stands far above its recent median by a robust z of the losses and of their logarithms, by ratio and by an absolute
/// floor, two steps in a row, so that single hard batches are no spike; where single ones are common, three or four in a row. The logarithms matter where a run has memorized: losses of batches then spread over
/// orders of magnitude, and two hard batches within three steps are common.</summary>
public sealed class LossSpikeDetector : Detector
{
    /// <summary>Losses the median and the deviation are taken over.</summary>
    public const int Window = 64;

    /// <summary>Robust z. Student's t with 3 degrees of freedom, a heavier tail than batch losses have, passes 8 once in 700 steps and twice in a row once in
    /// 500,000.</summary>
    public const double LeastZ = 8;

    /// <summary>Robust z of the logarithm.</summary>
    public const double LeastLogZ = 4;

    /// <summary>Loss over its median.</summary>
    public const double LeastRatio = 1.5;

    /// <summary>Least jump, as a share of the first losses: late in training a ratio alone is tiny in nats.</summary>
    public const double LeastShare = 0.1;

    /// <summary>Steps between two spikes: within them it is the same one.</summary>
    public const long Cooldown = 50;

    /// <summary>Memory of how often the loss stands high, steps.</summary>
    public const double ExcursionMemory = 512;

    /// <summary>Most of such excursions a step with which two highs in a row are news: independent ones meet twice in a row once in 60,000 steps.</summary>
    public const double RareExcursions = 0.004;

    /// <summary>The same for three in a row.</summary>
    public const double SomeExcursions = 0.02;

    /// <summary>What is the same in every finding.</summary>
    public static readonly AlertRule Rule = new(
        DetectionRule.LossSpike,
        FindingSeverity.Warning,
        "loss",
        "two losses in a row above median + 8 robust deviations, 4 of their logarithms, 1.5 × median and median + a tenth of the first loss (three or four in a row where single ones are common); at most 1 false alarm in 10000 steps on null streams (docs/evaluation/nulls.md)",
        "If it does not come back: lower the learning rate, clip gradients, or go back to a checkpoint before it. With Adam a stale second moment is the usual cause: a smaller β2 or update clipping helps.");

    private const int StartLosses = 5;
    private const int CalmToResolve = 3;

    private readonly AlertLifecycle alert = new(Rule);
    private readonly RunningMedian losses = new(Window);
    private readonly SpikePrecursor precursor = new();
    private double startSum;
    private int startCount;
    private double excursions = 1 / ExcursionMemory;
    private int highs;
    private int calm;
    private long firstHigh = -1;
    private long lastFired = long.MinValue / 2;
    private double medianBefore;

    /// <inheritdoc/>
    public override void Apply(in DetectorContext context, FindingSink sink)
    {
        precursor.Add(context);
        var loss = context[RunSeries.Loss];
        if (!double.IsFinite(loss))
        {
            return;
        }

        if (startCount < StartLosses)
        {
            startSum += Math.Abs(loss);
            startCount++;
        }

        if (alert.IsFiring)
        {
            ResolveIfCalm(context, sink, loss);
        }
        else if (losses.Count >= Window / 2)
        {
            Judge(context, sink, loss);
        }

        losses.Add(loss);
    }

    /// <inheritdoc/>
    public override void BeginSegment(in DetectorContext context, FindingSink sink)
    {
        alert.Close(context, sink, "A new segment began: the loss is judged afresh.");
        losses.Reset();
        precursor.Reset();
        highs = 0;
        calm = 0;
        firstHigh = -1;
        lastFired = long.MinValue / 2;
    }

    /// <inheritdoc/>
    public override void SetLayers(ReadOnlySpan<int> previousIndex)
    {
        if (previousIndex.Contains(-1))
        {
            precursor.Reset();
        }
    }

    /// <inheritdoc/>
    public override void End(in DetectorContext context, FindingSink sink) => alert.Close(context, sink, "The run ended.");

    /// <inheritdoc/>
    public override void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        alert.Save(writer);
        losses.Save(writer);
        precursor.Save(writer);
        writer.Write(startSum);
        writer.Write(startCount);
        writer.Write(excursions);
        writer.Write(highs);
        writer.Write(calm);
        writer.Write(firstHigh);
        writer.Write(lastFired);
        writer.Write(medianBefore);
    }

    /// <inheritdoc/>
    public override void Load(ref StateReader reader)
    {
        alert.Load(ref reader);
        losses.Load(ref reader);
        precursor.Load(ref reader);
        startSum = reader.ReadDouble();
        startCount = reader.ReadInt32();
        excursions = reader.ReadDouble();
        highs = reader.ReadInt32();
        calm = reader.ReadInt32();
        firstHigh = reader.ReadInt64();
        lastFired = reader.ReadInt64();
        medianBefore = reader.ReadDouble();
    }

    // As many as make independent excursions meet less than once in 60,000 steps.
    private int InARow => excursions <= RareExcursions ? 2 : excursions <= SomeExcursions ? 3 : 4;

    private void Judge(in DetectorContext context, FindingSink sink, double loss)
    {
        var median = losses.Median();
        var deviation = losses.Deviation(median);
        var floor = LeastShare * startSum / startCount;
        var threshold = Math.Max(median + Math.Max(floor, LeastZ * deviation), LeastRatio * median);
        var isHigh = loss > threshold;
        if (isHigh && median > 0)
        {
            // Looked at only here: logarithms of a whole window cost more than the rest.
            threshold = Math.Max(threshold, median * Math.Exp(LeastLogZ * losses.LogDeviation(median)));
            isHigh = loss > threshold;
        }

        firstHigh = isHigh && highs == 0 ? context.Step : firstHigh;
        highs = isHigh ? highs + 1 : 0;
        var enough = highs >= InARow;
        excursions += ((highs == 1 ? 1 : 0) - excursions) / ExcursionMemory;
        if (!enough || context.Step - lastFired < Cooldown)
        {
            return;
        }

        medianBefore = median;
        lastFired = context.Step;
        highs = 0;
        calm = 0;
        alert.Fire(context, sink, Describe(context, loss, median, deviation, threshold), firstHigh);
    }

    private void ResolveIfCalm(in DetectorContext context, FindingSink sink, double loss)
    {
        // Back where it came from, or the new level has filled the window.
        var back = Math.Max(LeastRatio * medianBefore, medianBefore + (0.5 * LeastShare * startSum / startCount));
        calm = loss <= Math.Max(back, losses.Median()) ? calm + 1 : 0;
        if (calm >= CalmToResolve)
        {
            var summary = string.Create(CultureInfo.InvariantCulture, $"The loss is back at {loss:G4}, {context.Step - alert.SinceStep} steps after the spike began.");
            alert.Resolve(context, sink, new AlertEvidence(loss, back, alert.SinceStep, summary));
        }
    }

    private AlertEvidence Describe(in DetectorContext context, double loss, double median, double deviation, double threshold)
    {
        var staleness = precursor.Staleness(context.Step);
        var growth = precursor.Growth(context.Step);
        var before = (staleness > 0, growth > 0) switch
        {
            (true, true) => string.Create(CultureInfo.InvariantCulture, $"; before it RMS staleness reached {staleness:0.0} and the update norm {growth:0.0} times its median"),
            (true, false) => string.Create(CultureInfo.InvariantCulture, $"; before it RMS staleness reached {staleness:0.0}"),
            (false, true) => string.Create(CultureInfo.InvariantCulture, $"; before it the update norm reached {growth:0.0} times its median"),
            _ => "",
        };
        var z = deviation > 0 ? (loss - median) / deviation : double.MaxValue;
        var summary = string.Create(
            CultureInfo.InvariantCulture, $"The loss jumped to {loss:G4} from a median of {median:G4} over {losses.Count} steps ({Math.Min(z, 999):0} robust deviations){before}.");
        var values = new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["median_loss"] = median,
            ["robust_deviation"] = deviation,
            ["rms_staleness"] = staleness,
            ["update_growth"] = growth,
        };
        return new AlertEvidence(loss, threshold, Math.Max(0, context.Step - Window), summary) { Values = values };
    }
}
