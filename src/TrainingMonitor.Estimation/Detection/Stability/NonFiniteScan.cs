using System.Numerics.Tensors;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Stability;

/// <summary>Finds the first layer whose statistics are not finite. Infinity always counts. NaN is also how a trainer says "unknown" (no exact sums for
/// this layer, no update before this step), so it counts only where a trainer counted elements of the gradient, or in a norm that was
/// finite for that layer before.</summary>
public sealed class NonFiniteScan
{
    // Known at every step once they are known at all. Gradients first: the first named is nearest to the cause.
    private static readonly LayerStatistic[] Norms =
        [LayerStatistic.GradSq, LayerStatistic.WeightSq, LayerStatistic.UpdateSq, LayerStatistic.MomentumSq, LayerStatistic.SecondMomentSum];

    private static readonly LayerStatistic[] Others =
    [
        LayerStatistic.ExampleGradSq, LayerStatistic.Own, LayerStatistic.Cross, LayerStatistic.SelfSecondMoment, LayerStatistic.SelfMeanSq,
        LayerStatistic.GradDotWeight, LayerStatistic.DecayOwn, LayerStatistic.DecayCross, LayerStatistic.RmsStaleness,
    ];

    private byte[] seen = [];
    private byte allSeen;

    /// <summary>Whether the step has a loss that is NaN or infinite.</summary>
    public static bool LossIsNonFinite(StepInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return (input.NonFiniteValues & (1u << (int)StepValue.Loss)) != 0 || double.IsInfinity(input[StepValue.Loss]);
    }

    /// <summary>Looks at a step. <paramref name="layer"/> is −1 where only the loss is bad; <paramref name="count"/> is 0 where elements were not counted.</summary>
    public bool TryFind(StepInput input, out int layer, out string statistic, out double count)
    {
        ArgumentNullException.ThrowIfNull(input);
        Fit(input.LayerCount);
        var counted = input.Column(LayerStatistic.NonFinite);
        layer = IndexOfPositive(counted);
        count = layer < 0 ? 0 : TensorPrimitives.Sum(counted);
        statistic = "gradient";
        for (var i = 0; i < Norms.Length; i++)
        {
            var nanCounts = i > 0 || counted.IsEmpty;
            Take(FirstBadNorm(input.Column(Norms[i]), i, nanCounts), Norms[i], ref layer, ref statistic);
        }

        foreach (var other in Others)
        {
            Take(FirstInfinite(input.Column(other)), other, ref layer, ref statistic);
        }

        if (layer < 0)
        {
            statistic = "loss";
        }

        return layer >= 0 || LossIsNonFinite(input);
    }

    /// <summary>The layer table changed.</summary>
    public void SetLayers(ReadOnlySpan<int> previousIndex)
    {
        var before = seen;
        seen = new byte[previousIndex.Length];
        allSeen = 0;
        for (var i = 0; i < seen.Length; i++)
        {
            seen[i] = previousIndex[i] >= 0 && previousIndex[i] < before.Length ? before[previousIndex[i]] : (byte)0;
        }
    }

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write((ReadOnlySpan<byte>)seen);
        writer.Write((int)allSeen);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        seen = reader.ReadBytes().ToArray();
        allSeen = (byte)reader.ReadInt32();
    }

    private void Fit(int layers)
    {
        if (seen.Length != layers)
        {
            seen = new byte[layers];
            allSeen = 0;
        }
    }

    private static void Take(int at, LayerStatistic candidate, ref int layer, ref string statistic)
    {
        if (at >= 0 && (layer < 0 || at < layer))
        {
            (layer, statistic) = (at, Name(candidate));
        }
    }

    // A sum is finite only if all terms are, overflow apart, so that healthy columns cost one pass of SIMD.
    private int FirstBadNorm(ReadOnlySpan<double> column, int norm, bool nanCounts)
    {
        var bit = (byte)(1 << norm);
        if (column.IsEmpty || ((allSeen & bit) != 0 && double.IsFinite(TensorPrimitives.Sum(column))))
        {
            return -1;
        }

        var (bad, all) = (-1, true);
        for (var i = 0; i < column.Length; i++)
        {
            var known = (seen[i] & bit) != 0;
            if (double.IsFinite(column[i]))
            {
                seen[i] |= bit;
            }
            else
            {
                all &= known;
                bad = bad < 0 && (double.IsInfinity(column[i]) || (known && nanCounts)) ? i : bad;
            }
        }

        allSeen = all ? (byte)(allSeen | bit) : allSeen;
        return bad;
    }

    private static int FirstInfinite(ReadOnlySpan<double> column)
    {
        if (column.IsEmpty || double.IsFinite(TensorPrimitives.Sum(column)))
        {
            return -1;
        }

        for (var i = 0; i < column.Length; i++)
        {
            if (double.IsInfinity(column[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private static int IndexOfPositive(ReadOnlySpan<double> counts)
    {
        if (counts.IsEmpty || TensorPrimitives.Sum(counts) == 0)
        {
            return -1;
        }

        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0)
            {
                return i;
            }
        }

        return -1;
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
        _ => "decay term",
    };
}
