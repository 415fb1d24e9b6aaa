using System.Globalization;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Stability;

/// <summary>NaN or infinity in the loss, the gradients or any statistic; names the first layer in table order and the statistic.</summary>
public sealed class NonFiniteDetector : Detector
{
    /// <summary>Finite steps in a row after which it is over.</summary>
    public const int CalmToResolve = 50;

    /// <summary>Skipped steps in a row that are no longer loss scaling finding its scale.</summary>
    public const int SkipsTolerated = 20;

    /// <summary>What is the same in every finding.</summary>
    public static readonly AlertRule Rule = new(
        DetectionRule.NonFinite,
        FindingSeverity.Critical,
        "non_finite",
        "exact: one NaN or infinity fires; up to 20 steps in a row that the optimizer skipped (loss scaling) do not",
        "Weights may be lost: go back to a checkpoint from before. Look at the named layer first; check the learning rate, the loss scaling and the data of that batch.");

    private readonly AlertLifecycle alert = new(Rule);
    private readonly NonFiniteScan scan = new();
    private int calm;
    private int skips;

    /// <inheritdoc/>
    public override void Apply(in DetectorContext context, FindingSink sink)
    {
        var input = context.Input;
        skips = (input.Flags & StepFlags.Skipped) != StepFlags.None ? skips + 1 : 0;
        if (skips is > 0 and <= SkipsTolerated)
        {
            return;
        }

        var bad = scan.TryFind(input, out var layer, out var statistic, out var count);
        calm = bad ? 0 : calm + 1;
        if (bad && !alert.IsFiring)
        {
            alert.Fire(context, sink, Describe(context, layer, statistic, count), context.Step);
        }
        else if (alert.IsFiring && calm >= CalmToResolve)
        {
            var summary = string.Create(CultureInfo.InvariantCulture, $"Everything has been finite for {CalmToResolve} steps.");
            alert.Resolve(context, sink, new AlertEvidence(0, 0, alert.SinceStep, summary));
        }
    }

    /// <inheritdoc/>
    public override void BeginSegment(in DetectorContext context, FindingSink sink)
    {
        alert.Close(context, sink, "A new segment began.");
        calm = 0;
        skips = 0;
    }

    /// <inheritdoc/>
    public override void SetLayers(ReadOnlySpan<int> previousIndex) => scan.SetLayers(previousIndex);

    /// <inheritdoc/>
    public override void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        alert.Save(writer);
        scan.Save(writer);
        writer.Write(calm);
        writer.Write(skips);
    }

    /// <inheritdoc/>
    public override void Load(ref StateReader reader)
    {
        alert.Load(ref reader);
        scan.Load(ref reader);
        calm = reader.ReadInt32();
        skips = reader.ReadInt32();
    }

    private static AlertEvidence Describe(in DetectorContext context, int layer, string statistic, double count)
    {
        var where = layer < 0 ? "" : $" of layer {context.LayerNames[layer]}";
        var many = count > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({count:0} gradient elements in all)") : "";
        var summary = string.Create(CultureInfo.InvariantCulture, $"NaN or infinity at step {context.Step}, first in the {statistic}{where}{many}.");
        return new AlertEvidence(Math.Max(1, count), 0, context.Step, summary)
        {
            Values = new Dictionary<string, double>(StringComparer.Ordinal) { ["first_layer"] = layer },
        };
    }
}
