using TrainingMonitor.Protocol.V1;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Clocks;

/// <summary>Reads what the outputs of a batch say of the labels of its canaries, and keeps the passes: within one, each canary is counted once, whatever the sampling.
/// A pass ends when a canary comes again and at least half of them have come; who comes when is not a matter of labels, so that the null stays exact.</summary>
/// <param name="canaries">The canaries.</param>
/// <param name="lossIsSum">The losses are sums over the batch, not means.</param>
internal sealed class CanaryReader(Canaries canaries, bool lossIsSum) : IDisposable
{
    private readonly bool[] trained = new bool[canaries.Count], inPass = new bool[canaries.Count];
    private readonly List<(int Row, int Place)> due = [];
    private bool[] isCanary = [];
    private readonly LossSum train = new();
    private int came;
    private ulong pass;

    /// <summary>Sums of the canaries in the batch that were trained on before; null: none.</summary>
    /// <param name="ids">Ids in batch order.</param>
    /// <param name="outputs">Logits [b, C]; null: not given, nothing can be read.</param>
    /// <param name="targets">Classes [b] the loss was computed with.</param>
    /// <param name="loss">Loss of the batch, a scalar.</param>
    public CanarySums? Read(ReadOnlySpan<long> ids, Tensor? outputs, Tensor? targets, Tensor loss)
    {
        due.Clear();
        Note(ids);
        train.Add(loss, ids.Length, lossIsSum);
        if (due.Count == 0 || outputs is null || targets is null)
        {
            return null;
        }

        if (outputs.dim() != 2 || outputs.shape[0] != ids.Length || outputs.shape[1] != canaries.Classes || targets.numel() != ids.Length)
        {
            throw new InvalidOperationException(
                $"outputs are [{string.Join(", ", outputs.shape)}] and targets [{string.Join(", ", targets.shape)}], [{ids.Length}, {canaries.Classes}] and [{ids.Length}] are wanted for canaries");
        }

        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var logits = outputs.detach().to_type(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
        var labels = targets.detach().to_type(ScalarType.Int64).cpu().contiguous().data<long>().ToArray();
        var sums = new CanarySummer(canaries.Classes, canaries.Choices);
        foreach (var (row, place) in due)
        {
            sums.AddCanary(Row(logits, row), labels[row], canaries.OwnLabel(place, labels[row]));
        }

        for (var row = 0; row < ids.Length; row++)
        {
            if (!isCanary[row])
            {
                sums.AddOther(Row(logits, row), labels[row]);
            }
        }

        var message = sums.ToMessage(canaries.Count, pass);
        if (message is not null)
        {
            (message.TrainCount, message.TrainSumLoss) = train.Take();
        }

        return message;
    }

    /// <inheritdoc/>
    public void Dispose() => train.Dispose();

    private ReadOnlySpan<double> Row(double[] logits, int row) => logits.AsSpan(row * canaries.Classes, canaries.Classes);

    private void Note(ReadOnlySpan<long> ids)
    {
        if (isCanary.Length != ids.Length)
        {
            isCanary = new bool[ids.Length];
        }

        for (var i = 0; i < ids.Length; i++)
        {
            isCanary[i] = canaries.TryGetPlace(ids[i], out var place);
            if (isCanary[i])
            {
                Come(i, place);
            }
        }
    }

    private void Come(int row, int place)
    {
        if (inPass[place])
        {
            if (2 * came < canaries.Count)
            {
                return;
            }

            if (pass++ == 0)
            {
                train.Dispose(); // of the first pass nothing is sent
            }

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
}
