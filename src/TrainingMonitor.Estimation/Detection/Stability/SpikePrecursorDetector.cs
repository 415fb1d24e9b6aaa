using System.Globalization;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Stability;

/// <summary>Says that a loss spike is likely within the next steps, from what an update is about to do and not from the loss: <see cref="SpikeSigns"/> in two of three
/// steps, so that a single hard batch is none, or a new learning rate at once.</summary>
public sealed class SpikePrecursorDetector : Detector
{
    /// <summary>Steps without a sign after which it is over.</summary>
    public const int CalmToResolve = 16;

    /// <summary>What is the same in every finding.</summary>
    public static readonly AlertRule Rule = new(
        DetectionRule.SpikePrecursor,
        FindingSeverity.Info,
        "update_norm",
        "at most 1 false alarm in 100000 steps, measured on null streams (docs/evaluation/nulls.md): signs in two of three steps, each against the largest of the last 256 steps",
        "Nothing has to be done yet. Where a spike follows: lower the learning rate or lengthen the warm-up, clip gradients or updates, use a smaller β2, look at the batches of these steps.");

    private readonly AlertLifecycle alert = new(Rule);
    private readonly SpikeSigns signs = new();
    private long lastSign = long.MinValue / 2;
    private int calm;

    /// <inheritdoc/>
    public override void Apply(in DetectorContext context, FindingSink sink)
    {
        signs.Add(context);
        var growth = signs.IsGrowth;
        var fires = signs.IsNewRate || (growth && context.Step - lastSign <= 2);
        calm = growth || signs.IsNewRate ? 0 : calm + 1;
        if (fires && !alert.IsFiring)
        {
            alert.Fire(context, sink, Describe(context), growth && context.Step - lastSign <= 2 ? lastSign : context.Step);
        }
        else if (alert.IsFiring && calm >= CalmToResolve)
        {
            var summary = string.Create(CultureInfo.InvariantCulture, $"Updates have been as usual for {CalmToResolve} steps.");
            alert.Resolve(context, sink, new AlertEvidence(signs.RawUpdate, SpikeSigns.LeastGrowth, alert.SinceStep, summary));
        }

        lastSign = growth ? context.Step : lastSign;
    }

    /// <inheritdoc/>
    public override void BeginSegment(in DetectorContext context, FindingSink sink)
    {
        alert.Close(context, sink, "A new segment began: updates are judged afresh.");
        Restart();
    }

    /// <inheritdoc/>
    public override void SetLayers(ReadOnlySpan<int> previousIndex)
    {
        // A layer that joins (it was unfrozen) brings its own norms, and the first steps of its second moments: what is usual starts again.
        if (previousIndex.Contains(-1))
        {
            Restart();
        }
    }

    /// <inheritdoc/>
    public override void End(in DetectorContext context, FindingSink sink) => alert.Close(context, sink, "The run ended.");

    /// <inheritdoc/>
    public override void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        alert.Save(writer);
        signs.Save(writer);
        writer.Write(lastSign);
        writer.Write(calm);
    }

    /// <inheritdoc/>
    public override void Load(ref StateReader reader)
    {
        alert.Load(ref reader);
        signs.Load(ref reader);
        lastSign = reader.ReadInt64();
        calm = reader.ReadInt32();
    }

    private void Restart()
    {
        signs.Reset();
        lastSign = long.MinValue / 2;
        calm = 0;
    }

    private AlertEvidence Describe(in DetectorContext context)
    {
        var stale = signs.Rms >= SpikePrecursor.StaleRms && signs.Stale >= SpikeSigns.StaleGrowth;
        var value = signs.IsNewRate ? signs.RawUpdate : signs.Update;
        var threshold = signs.IsNewRate || stale ? SpikeSigns.LeastGrowth : SpikeSigns.UpdateGrowth;
        var why = signs.IsNewRate
            ? string.Create(CultureInfo.InvariantCulture, $"the learning rate is {signs.Rate:0.0} times the largest this run has trained with")
            : stale
            ? string.Create(CultureInfo.InvariantCulture, $"RMS staleness is {signs.Rms:0.0}, {signs.Stale:0.0} times its largest: the second moments are stale")
            : string.Create(CultureInfo.InvariantCulture, $"the gradient norm is {signs.Gradient:0.0} times its largest");
        var summary = string.Create(CultureInfo.InvariantCulture, $"The update norm is {value:0.0} times the largest of the last 256 steps, and {why}: a loss spike is likely within the next steps.");
        var missing = double.IsNaN(signs.Rms) && context.Configuration.Optimizer is Input.OptimizerKind.Adam or Input.OptimizerKind.AdamW ? (IReadOnlyList<string>)["rms_staleness"] : [];
        return new AlertEvidence(value, threshold, Math.Max(0, context.Step - 256), summary)
        {
            Missing = missing,
            Values = new Dictionary<string, double>(StringComparer.Ordinal)
            {
                ["update_growth"] = Finite(signs.Update),
                ["gradient_growth"] = Finite(signs.Gradient),
                ["staleness_growth"] = Finite(signs.Stale),
                ["rms_staleness"] = Finite(signs.Rms),
                ["rate_growth"] = Finite(signs.Rate),
            },
        };
    }

    private static double Finite(double value) => double.IsFinite(value) ? value : 0;
}
