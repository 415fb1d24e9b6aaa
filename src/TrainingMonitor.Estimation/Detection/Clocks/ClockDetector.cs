using System.Globalization;
using TrainingMonitor.Estimation.Estimators;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Clocks;

/// <summary>The opt-in clocks of memorization: random labels that are known by heart (pending, until held-out loss has turned by the clock), and withheld examples whose loss rises.
/// Both are dated by one <see cref="TurnClock"/>.</summary>
public sealed class ClockDetector : Detector
{
    /// <summary>Probability that the canaries alarm in a run that has memorized nothing.</summary>
    public const double CanaryLevel = 0.01;

    /// <summary>The k-th comparison of sentinels alarms at a one-sided level of this over k².</summary>
    public const double SentinelLevel = 0.02;

    /// <summary>Fewest sentinels in a comparison.</summary>
    public const int LeastSentinels = 8;

    /// <summary>What is the same in every finding of the canaries.</summary>
    public static readonly AlertRule CanaryRule = new(
        DetectionRule.CanariesMemorized,
        FindingSeverity.Warning,
        "canary_evidence",
        "probability at most 0.01 a segment, however long, that it fires while the outputs tell nothing of the random labels (exact: weighted mean of e-values)",
        "The network learns by heart, and no longer to the good of other examples. Go back to a checkpoint near the onset, stop early, regularize or clean the labels.");

    /// <summary>What is the same in every finding of the sentinels.</summary>
    public static readonly AlertRule SentinelRule = new(
        DetectionRule.SentinelLossRising,
        FindingSeverity.Warning,
        "sentinel_rise",
        "paired Student tests of fresh sentinels, the k-th at level 0.02/k² (at most 0.033 a run by the sum of levels for fixed references; at most 0.05 in simulations with the lowest as reference)",
        "Loss on examples that were never trained on rises. Go back to a checkpoint near the onset, or regularize; what is learnt now does not carry over.");

    private readonly AlertLifecycle canaries = new(CanaryRule), sentinels = new(SentinelRule);
    private readonly TurnClock clock = new();
    private long firstStep = -1, passEnd = -1, comparisons;

    /// <summary>The step where held-out loss was lowest, by the clocks; NaN: it has not risen.</summary>
    public double TurnStep => clock.TryFind(out var step) ? step : double.NaN;

    /// <inheritdoc/>
    public override void Apply(in DetectorContext context, FindingSink sink)
    {
        firstStep = firstStep < 0 ? context.Step : firstStep;
        if (context.Input.Sentinels is { Fresh.Count: > 0 } evaluation)
        {
            Look(evaluation, context, sink);
        }

        if (double.IsFinite(context[RunSeries.CanaryEvidence]))
        {
            LookAtCanaries(context, sink);
        }
    }

    /// <inheritdoc/>
    public override void BeginSegment(in DetectorContext context, FindingSink sink)
    {
        canaries.Close(context, sink, "A new segment began: canaries are judged afresh.");
        sentinels.Close(context, sink, "A new segment began: sentinels are judged afresh.");
        clock.Reset();
        (firstStep, passEnd, comparisons) = (-1, -1, 0);
    }

    /// <inheritdoc/>
    public override void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        canaries.Save(writer);
        sentinels.Save(writer);
        clock.Save(writer);
        writer.Write(firstStep);
        writer.Write(passEnd);
        writer.Write(comparisons);
    }

    /// <inheritdoc/>
    public override void Load(ref StateReader reader)
    {
        canaries.Load(ref reader);
        sentinels.Load(ref reader);
        clock.Load(ref reader);
        (firstStep, passEnd, comparisons) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
    }

    private void LookAtCanaries(in DetectorContext context, FindingSink sink)
    {
        var estimate = context[RunSeries.CanaryHeldOut];
        if (double.IsFinite(estimate))
        {
            var begin = passEnd < 0 ? firstStep : passEnd;
            clock.AddCanaries(0.5 * (begin + context.Step), estimate);
        }

        passEnd = context.Step;
        double evidence = context[RunSeries.CanaryEvidence], threshold = -Math.Log(CanaryLevel);
        if (canaries.IsFiring || evidence < threshold)
        {
            return;
        }

        var turned = clock.TryFind(out var turn);
        if (!turned && canaries.IsPending)
        {
            return;
        }

        var told = turned
            ? string.Create(CultureInfo.InvariantCulture, $"Held-out loss was lowest at about step {turn:0}.")
            : "As far as can be told, held-out loss has not turned yet.";
        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"Random labels are known by heart: their loss lies {context[RunSeries.CanaryAdvantage]:0.##} nats below that of any label (evidence {evidence:0.#} of {threshold:0.#} nats). {told}");
        var shown = new AlertEvidence(evidence, threshold, firstStep, summary) { Values = Values(turn) };
        if (turned)
        {
            canaries.Fire(context, sink, shown, (long)turn);
        }
        else
        {
            canaries.Pend(context, sink, shown, context.Step);
        }
    }

    private void Look(SentinelSums evaluation, in DetectorContext context, FindingSink sink)
    {
        double loss = evaluation.Fresh.Mean, rise = evaluation.Rise.Mean;
        if (!double.IsFinite(loss) || double.IsInfinity(rise))
        {
            return;
        }

        clock.AddSentinels(context.Step, loss, evaluation.ReferenceStep, rise);
        if (evaluation.Rise.Count < LeastSentinels || !double.IsFinite(rise))
        {
            return;
        }

        comparisons++;
        if (sentinels.IsFiring && rise <= 0)
        {
            var over = string.Create(CultureInfo.InvariantCulture, $"Loss on the withheld examples is as low again as at step {evaluation.ReferenceStep}.");
            sentinels.Resolve(context, sink, new AlertEvidence(rise, 0, sentinels.SinceStep, over));
        }
        else if (!sentinels.IsFiring && rise > TurnClock.LeastRise * Math.Abs(loss) && Tail(evaluation.Rise) <= SentinelLevel / ((double)comparisons * comparisons))
        {
            Fire(evaluation, context, sink);
        }
    }

    private void Fire(SentinelSums evaluation, in DetectorContext context, FindingSink sink)
    {
        var turn = clock.TryFind(out var step) ? step : evaluation.ReferenceStep;
        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"Loss on {evaluation.Rise.Count} examples never trained on has risen by {evaluation.Rise.Mean:0.###} ± {evaluation.Rise.Error:0.###} nats to {evaluation.Fresh.Mean:0.###} since step {evaluation.ReferenceStep}; it was lowest at about step {turn:0}.");
        var threshold = TurnClock.LeastRise * Math.Abs(evaluation.Fresh.Mean);
        sentinels.Fire(context, sink, new AlertEvidence(evaluation.Rise.Mean, threshold, evaluation.ReferenceStep, summary) { Values = Values(turn) }, (long)turn);
    }

    // One-sided, for a rise.
    private static double Tail(ValueSums rise) => rise.Error > 0 ? 0.5 * StudentT.TwoSidedTail(rise.Count - 1, rise.Mean / rise.Error) : 1;

    private static Dictionary<string, double> Values(double turn) => new(StringComparer.Ordinal) { ["onset_step"] = turn };
}
