using System.Globalization;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Operations;

/// <summary>A statistic that every rank must hold alike differs between them: replicas have drifted apart.</summary>
public sealed class RankDisagreementDetector : Detector
{
    /// <summary>Steps without a further disagreement after which it is over.</summary>
    public const int CalmToResolve = 100;

    /// <summary>What is the same in every finding.</summary>
    public static readonly AlertRule Rule = new(
        DetectionRule.RankDisagreement,
        FindingSeverity.Warning,
        "grad_norm",
        "exact: the caller compares what the trainer declared replicated",
        "Replicas that differ no longer train one model: check that all ranks start from the same weights and that gradients are reduced over all of them.");

    private readonly AlertLifecycle alert = new(Rule);
    private int calm;

    /// <inheritdoc/>
    public override void Apply(in DetectorContext context, FindingSink sink)
    {
        if (alert.IsFiring && ++calm >= CalmToResolve)
        {
            var summary = string.Create(CultureInfo.InvariantCulture, $"Ranks have agreed for {CalmToResolve} steps.");
            alert.Resolve(context, sink, new AlertEvidence(0, 0, alert.SinceStep, summary));
        }
    }

    /// <inheritdoc/>
    public override void RankDisagreement(
        in DetectorContext context, LayerStatistic statistic, int layer, double smallest, double largest, FindingSink sink)
    {
        calm = 0;
        if (alert.IsFiring)
        {
            return;
        }

        var name = layer >= 0 && layer < context.LayerNames.Count ? $" of layer {context.LayerNames[layer]}" : "";
        var summary = string.Create(CultureInfo.InvariantCulture, $"Ranks disagree at step {context.Step}: {statistic}{name} lies between {smallest:G6} and {largest:G6}.");
        var evidence = new AlertEvidence(largest - smallest, 0, context.Step, summary)
        {
            Values = new Dictionary<string, double>(StringComparer.Ordinal)
            {
                ["statistic"] = (int)statistic,
                ["layer"] = layer,
                ["smallest"] = smallest,
                ["largest"] = largest,
            },
        };
        alert.Fire(context, sink, evidence, context.Step);
    }

    /// <inheritdoc/>
    public override void BeginSegment(in DetectorContext context, FindingSink sink) => alert.Close(context, sink, "A new segment began.");

    /// <inheritdoc/>
    public override void End(in DetectorContext context, FindingSink sink) => alert.Close(context, sink, "The run ended.");

    /// <inheritdoc/>
    public override void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        alert.Save(writer);
        writer.Write(calm);
    }

    /// <inheritdoc/>
    public override void Load(ref StateReader reader)
    {
        alert.Load(ref reader);
        calm = reader.ReadInt32();
    }
}
