using System.Buffers.Binary;
using System.Numerics.Tensors;
using Google.Protobuf;
using TrainingMonitor.Protocol.Conversion;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.TorchSharp.Clocks;

/// <summary>The sums of one batch. Rows that are not finite are left out.</summary>
internal sealed class CanarySummer(int classes, int choices)
{
    private readonly CanarySums sums = new() { Choices = (uint)choices };
    private readonly uint[] counts = new uint[ClockConversion.Bins(choices)];
    private readonly double[] softmax = new double[classes];

    /// <summary>Adds a canary.</summary>
    /// <param name="logits">[C].</param>
    /// <param name="label">The label it is trained with.</param>
    /// <param name="own">Its own label, which is no choice where there are more than two.</param>
    public void AddCanary(ReadOnlySpan<double> logits, long label, long own)
    {
        if (!TrySoftmax(logits, out var logSum))
        {
            return;
        }

        var excluded = choices < classes ? (int)own : -1;
        int y = (int)label, rank = 0;
        double sum = 0, probability = 0;
        for (var c = 0; c < classes; c++)
        {
            if (c != excluded)
            {
                // Equal logits stand in the order of the classes: any fixed order keeps the rank of a uniform label uniform.
                rank += logits[c] > logits[y] || (logits[c].Equals(logits[y]) && c < y) ? 1 : 0;
                sum += logits[c];
                probability += softmax[c];
            }
        }

        // L(c) = ln Σ exp − logit, so that the advantage is the label's logit over the mean one.
        var advantage = logits[y] - (sum / choices);
        counts[(long)rank * counts.Length / choices]++;
        sums.SumLoss += logSum - logits[y];
        sums.SumAdvantage += advantage;
        sums.SumAdvantageSq += advantage * advantage;
        sums.SumPull += 1 - softmax[y] - ((1 - probability) / choices);
    }

    /// <summary>Adds an example that is no canary.</summary>
    public void AddOther(ReadOnlySpan<double> logits, long target)
    {
        if (TrySoftmax(logits, out _))
        {
            sums.Others++;
            sums.OthersSumPull += Math.Max(0, TensorPrimitives.SumOfSquares<double>(softmax) + 1 - (2 * softmax[(int)target]));
        }
    }

    /// <summary>The message; null where no canary was added.</summary>
    public CanarySums? ToMessage(int canaries, ulong pass)
    {
        if (Array.TrueForAll(counts, c => c == 0))
        {
            return null;
        }

        var bytes = new byte[counts.Length * sizeof(uint)];
        for (var i = 0; i < counts.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * sizeof(uint)), counts[i]);
        }

        (sums.Canaries, sums.Pass, sums.RankCounts) = ((uint)canaries, pass, UnsafeByteOperations.UnsafeWrap(bytes));
        return sums;
    }

    private bool TrySoftmax(ReadOnlySpan<double> logits, out double logSum)
    {
        var largest = TensorPrimitives.Max(logits);
        TensorPrimitives.Subtract(logits, largest, softmax);
        TensorPrimitives.Exp(softmax, softmax);
        var sum = TensorPrimitives.Sum<double>(softmax);
        TensorPrimitives.Divide(softmax, sum, softmax);
        logSum = largest + Math.Log(sum);
        return double.IsFinite(logSum);
    }
}
