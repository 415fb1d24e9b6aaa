using System.Buffers.Binary;
using Google.Protobuf;
using TrainingMonitor.Protocol.Conversion;
using TrainingMonitor.Protocol.V1;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Clocks;

/// <summary>Reads what the outputs of a batch say of the labels of its canaries, and keeps the passes: within one, each canary is counted once, whatever the sampling.
/// A pass ends when a canary comes again and at least half of them have come; who comes when is not a matter of labels, so that the null stays exact.</summary>
internal sealed class CanaryReader(Canaries canaries)
{
    private readonly bool[] trained = new bool[canaries.Count], inPass = new bool[canaries.Count];
    private readonly List<(long Row, int Place)> due = [];
    private int came;
    private ulong pass;

    /// <summary>Sums of the canaries in the batch that were trained on before; null: none.</summary>
    /// <param name="ids">Ids in batch order.</param>
    /// <param name="outputs">Logits [b, C]; null: not given, nothing can be read.</param>
    public CanarySums? Read(ReadOnlySpan<long> ids, Tensor? outputs)
    {
        due.Clear();
        for (var i = 0; i < ids.Length; i++)
        {
            if (canaries.TryGetPlace(ids[i], out var place))
            {
                Come(i, place);
            }
        }

        if (due.Count == 0 || outputs is null)
        {
            return null;
        }

        if (outputs.dim() != 2 || outputs.shape[0] != ids.Length || outputs.shape[1] != canaries.Classes)
        {
            throw new InvalidOperationException($"outputs are [{string.Join(", ", outputs.shape)}], [{ids.Length}, {canaries.Classes}] is wanted for canaries");
        }

        return Sums(Rows(outputs));
    }

    private void Come(int row, int place)
    {
        if (inPass[place])
        {
            if (2 * came < canaries.Count)
            {
                return;
            }

            pass++;
            came = 0;
            Array.Clear(inPass);
            due.Clear(); // those of this batch that closed the pass: a report speaks of one pass
        }

        inPass[place] = true;
        came++;
        if (trained[place])
        {
            due.Add((row, place));
        }

        trained[place] = true;
    }

    private double[] Rows(Tensor outputs)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = tensor(due.Select(d => d.Row).ToArray()).to(outputs.device);
        return outputs.detach().index_select(0, rows).to_type(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
    }

    private CanarySums? Sums(double[] logits)
    {
        var classes = canaries.Classes;
        var bins = ClockConversion.Bins(classes);
        var counts = new uint[bins];
        var sums = new CanarySums { Classes = (uint)classes, Canaries = (uint)canaries.Count, Pass = pass };
        for (var i = 0; i < due.Count; i++)
        {
            var row = logits.AsSpan(i * classes, classes);
            if (!double.IsFinite(System.Numerics.Tensors.TensorPrimitives.SumOfSquares<double>(row)))
            {
                continue;
            }

            var label = canaries.LabelAt(due[i].Place);
            counts[(long)Rank(row, label) * bins / classes]++;

            // L(c) = ln Σ exp − logit_c, so that the advantage is the label's logit over the mean one.
            var advantage = row[label] - System.Numerics.Tensors.TensorPrimitives.Average<double>(row);
            sums.SumLoss += LogSumExp(row) - row[label];
            sums.SumAdvantage += advantage;
            sums.SumAdvantageSq += advantage * advantage;
        }

        if (Array.TrueForAll(counts, c => c == 0))
        {
            return null;
        }

        var bytes = new byte[bins * sizeof(uint)];
        for (var i = 0; i < bins; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * sizeof(uint)), counts[i]);
        }

        sums.RankCounts = UnsafeByteOperations.UnsafeWrap(bytes);
        return sums;
    }

    // Equal logits stand in the order of the classes: any fixed order keeps the rank of a uniform label uniform.
    private static int Rank(ReadOnlySpan<double> row, int label)
    {
        var rank = 0;
        for (var c = 0; c < row.Length; c++)
        {
            rank += row[c] > row[label] || (row[c].Equals(row[label]) && c < label) ? 1 : 0;
        }

        return rank;
    }

    private static double LogSumExp(ReadOnlySpan<double> row)
    {
        var largest = System.Numerics.Tensors.TensorPrimitives.Max(row);
        var sum = 0.0;
        foreach (var value in row)
        {
            sum += Math.Exp(value - largest);
        }

        return largest + Math.Log(sum);
    }
}
