using System.Globalization;
using System.Numerics.Tensors;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
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

    // Gradients first, then what is made of them: the first named is nearest to the cause.
    private static readonly LayerStatistic[] Order =
    [
        LayerStatistic.GradSq, LayerStatistic.ExampleGradSq, LayerStatistic.WeightSq, LayerStatistic.UpdateSq, LayerStatistic.MomentumSq,
        LayerStatistic.SecondMomentSum, LayerStatistic.RmsStaleness, LayerStatistic.Own, LayerStatistic.Cross, LayerStatistic.SelfSecondMoment,
        LayerStatistic.SelfMeanSq, LayerStatistic.GradDotWeight, LayerStatistic.DecayOwn, LayerStatistic.DecayCross,
    ];

    private readonly AlertLifecycle alert = new(Rule);
    private int calm;
    private int skips;

    /// <inheritdoc/>
    public override void Apply(in DetectorContext context, FindingSink sink)
    {
        var input = context.Input;
        skips = input.Flags.HasFlag(StepFlags.Skipped) ? skips + 1 : 0;
        if (skips is > 0 and <= SkipsTolerated)
        {
            return;
        }

        var bad = TryFind(context, out var layer, out var statistic, out var count);
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
    public override void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        alert.Save(writer);
        writer.Write(calm);
        writer.Write(skips);
    }

    /// <inheritdoc/>
    public override void Load(ref StateReader reader)
    {
        alert.Load(ref reader);
        calm = reader.ReadInt32();
        skips = reader.ReadInt32();
    }

    // Layer −1: the loss. Count: elements where the trainer counted them, else 0.
    private static bool TryFind(in DetectorContext context, out int layer, out string statistic, out double count)
    {
        var input = context.Input;
        var counted = input.Column(LayerStatistic.NonFinite);
        layer = counted.IndexOfAnyExcept(0.0);
        count = layer < 0 ? 0 : TensorPrimitives.Sum(counted);
        statistic = "gradient";
        foreach (var candidate in Order)
        {
            var at = FirstBad(input.Column(candidate));
            if (at >= 0 && (layer < 0 || at < layer))
            {
                layer = at;
                statistic = Name(candidate);
            }
        }

        if (layer >= 0)
        {
            return true;
        }

        statistic = "loss";
        return input.Flags.HasFlag(StepFlags.LossNotFinite) || double.IsInfinity(context[RunSeries.Loss]);
    }

    // A sum is finite only if all terms are, overflow apart, so that healthy columns cost one pass of SIMD.
    private static int FirstBad(ReadOnlySpan<double> column)
    {
        if (column.IsEmpty || double.IsFinite(TensorPrimitives.Sum(column)))
        {
            return -1;
        }

        for (var i = 0; i < column.Length; i++)
        {
            if (!double.IsFinite(column[i]))
            {
                return i;
            }
        }

        return -1;
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

    private static string Name(LayerStatistic statistic) => statistic switch
    {
        LayerStatistic.GradSq => "squared gradient norm",
        LayerStatistic.ExampleGradSq => "mean squared per-example gradient norm",
        LayerStatistic.WeightSq => "squared weight norm",
        LayerStatistic.UpdateSq => "squared update norm",
        LayerStatistic.MomentumSq => "first moment",
        LayerStatistic.SecondMomentSum => "second moment",
        LayerStatistic.RmsStaleness => "RMS staleness",
        LayerStatistic.Own => "own term",
        LayerStatistic.Cross => "cross term",
        LayerStatistic.SelfSecondMoment or LayerStatistic.SelfMeanSq => "self term",
        LayerStatistic.GradDotWeight => "gradient times weight",
        LayerStatistic.DecayOwn or LayerStatistic.DecayCross => "decay term",
        _ => "gradient",
    };
}
