using System.Globalization;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Stability;

/// <summary>Edge of stability: the sharpness has met the optimizer's own threshold (2/η for gradient descent; Cohen et al., arXiv:2103.00065)
/// and hovers there. Good to know, not a fault.</summary>
public sealed class EdgeOfStabilityDetector : Detector
{
    /// <summary>Sharpness over its threshold from which a probe counts as at the edge. At the edge it oscillates within a few percent.</summary>
    public const double AtEdge = 0.95;

    /// <summary>Ratio below which a probe counts as away from it.</summary>
    public const double Away = 0.85;

    /// <summary>Probes in a row that it takes to fire, and to resolve.</summary>
    public const int Probes = 3;

    /// <summary>What is the same in every finding.</summary>
    public static readonly AlertRule Rule = new(
        DetectionRule.EdgeOfStability,
        FindingSeverity.Info,
        "sharpness_ratio",
        "three probes in a row at 0.95 or more, or with the regime at the edge; resolves after three below 0.85",
        "Nothing is broken: the learning rate, not the loss surface, now sets the sharpness. A larger rate risks spikes; a smaller one lets it sharpen further.");

    private readonly AlertLifecycle alert = new(Rule);
    private ProbeKind? kind;
    private double firstRatio = double.NaN;
    private long firstStep = -1;
    private long reachedStep;
    private int reached;
    private int left;

    /// <inheritdoc/>
    public override void Apply(in DetectorContext context, FindingSink sink)
    {
    }

    /// <inheritdoc/>
    public override void ApplyProbe(in DetectorContext context, in ProbeInput probe, FindingSink sink)
    {
        var ratio = context[RunSeries.SharpnessRatio];
        if (probe.Kind is ProbeKind.HessianTrace or ProbeKind.NextBatchGain || !double.IsFinite(ratio) || !Judges(probe.Kind, context.Configuration))
        {
            return;
        }

        if (firstStep < 0)
        {
            firstRatio = ratio;
            firstStep = context.Step;
        }

        // The regime looks at λ_max and at both plateaus of momentum SGD, but over ten probes; the ratio is quicker where there is one threshold.
        var regime = context[RunSeries.StabilityRegime];
        var atEdge = regime >= (int)StabilityRegime.AtTheEdge;
        var met = atEdge || (ratio >= AtEdge && regime is not (int)StabilityRegime.InBetween);
        reachedStep = met && reached == 0 ? context.Step : reachedStep;
        reached = met ? reached + 1 : 0;
        left = ratio < Away && !atEdge ? left + 1 : 0;
        if (reached >= Probes && !alert.IsFiring)
        {
            alert.Fire(context, sink, Describe(context, probe.Value, ratio), reachedStep);
        }
        else if (left >= Probes && alert.IsFiring)
        {
            var summary = string.Create(CultureInfo.InvariantCulture, $"Sharpness fell to {ratio:0.00} of the stability threshold: no longer at the edge.");
            alert.Resolve(context, sink, new AlertEvidence(ratio, Away, alert.SinceStep, summary));
        }
    }

    /// <inheritdoc/>
    public override void BeginSegment(in DetectorContext context, FindingSink sink)
    {
        alert.Close(context, sink, "A new segment began: sharpness is judged afresh.");
        kind = null;
        firstRatio = double.NaN;
        firstStep = -1;
        reached = 0;
        left = 0;
    }

    /// <inheritdoc/>
    public override void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        alert.Save(writer);
        writer.Write(kind is { } judged ? (int)judged : 0);
        writer.Write(firstRatio);
        writer.Write(firstStep);
        writer.Write(reachedStep);
        writer.Write(reached);
        writer.Write(left);
    }

    /// <inheritdoc/>
    public override void Load(ref StateReader reader)
    {
        alert.Load(ref reader);
        kind = reader.ReadInt32() is var saved && saved != 0 ? (ProbeKind)saved : null;
        firstRatio = reader.ReadDouble();
        firstStep = reader.ReadInt64();
        reachedStep = reader.ReadInt64();
        reached = reader.ReadInt32();
        left = reader.ReadInt32();
    }

    // One kind of probe decides: the one the optimizer's threshold speaks of, or the first that came until that one does.
    private bool Judges(ProbeKind probe, RunConfiguration configuration)
    {
        if (kind is null || (probe != kind && probe == StabilityThreshold.Preferred(configuration)))
        {
            kind = probe;
            (firstStep, reached, left) = (-1, 0, 0);
        }

        return probe == kind;
    }

    private AlertEvidence Describe(in DetectorContext context, double sharpness, double ratio)
    {
        var threshold = sharpness / ratio;
        var growth = firstRatio < AtEdge
            ? string.Create(CultureInfo.InvariantCulture, $"after progressive sharpening from {firstRatio:0.00} of it at step {firstStep}")
            : "from the first probe on";
        var summary = string.Create(
            CultureInfo.InvariantCulture, $"Sharpness {sharpness:G4} has met the optimizer's stability threshold {threshold:G4} (ratio {ratio:0.00}) {growth}: training is at the edge of stability.");
        var values = new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["sharpness"] = sharpness,
            ["stability_threshold"] = threshold,
            ["first_ratio"] = firstRatio,
            ["learning_rate"] = context[RunSeries.LearningRate] is var rate && double.IsFinite(rate) ? rate : context.Configuration.LearningRate,
        };
        if (double.IsFinite(context[RunSeries.SharpnessRatioLow]))
        {
            values["ratio_low"] = context[RunSeries.SharpnessRatioLow];
            values["ratio_high"] = context[RunSeries.SharpnessRatioHigh];
        }

        return new AlertEvidence(ratio, 1, firstStep, summary) { Values = values };
    }
}
