using TrainingMonitor.TorchSharp;
using static TorchSharp.torch;

namespace TrainingMonitor.Evaluation.Stability;

/// <summary>The examples that the probes of a run look at: the training set in eight random parts, two of them for the iterations, and fresh random batches.</summary>
internal sealed class ProbeSet
{
    private const int Parts = 8;
    private const int BatchExamples = 4096;
    private const int FewestBatches = 16;
    private const int MostBatches = 128;
    private readonly Tensor inputs;
    private readonly Tensor targets;
    private readonly Func<Tensor, Tensor, Tensor> loss;
    private readonly int batchSize;
    private readonly long[] order;
    private readonly Random draws;

    /// <summary>Chooses the examples.</summary>
    public ProbeSet(Tensor inputs, Tensor targets, Func<Tensor, Tensor, Tensor> loss, int batchSize, Random random)
    {
        (this.inputs, this.targets, this.loss, this.batchSize) = (inputs, targets, loss, batchSize);
        order = [.. Enumerable.Range(0, (int)inputs.shape[0]).Select(i => (long)i)];
        random.Shuffle(order);
        Examples = order.Length / Parts * Parts;
        draws = random;
    }

    /// <summary>Examples of all parts.</summary>
    public int Examples { get; }

    /// <summary>The probes as a user would set them: 20 Lanczos iterations on a quarter of the examples and 8 with all, 16 to 128 batches.</summary>
    public ProbeOptions Options(bool full) => new()
    {
        Interval = StabilityTraining.Interval,
        Examples = Examples,
        Parts = Parts,
        IterationParts = Parts / 4,
        LossPart = k => Of(order.AsSpan(k * Examples / Parts, Examples / Parts)),
        BatchSharpness = !full,
        Batches = Math.Clamp(BatchExamples / batchSize, FewestBatches, MostBatches),
        BatchLoss = full ? null : _ => Of(Draw(draws)),
        NextBatchGain = false,
    };

    /// <summary>Fresh batches for the truth, others than those of the probes.</summary>
    public Func<Tensor> TruthBatch(bool full)
    {
        var random = new Random(order.Length);
        return full ? () => throw new InvalidOperationException("There is one batch only.") : () => Of(Draw(random));
    }

    private long[] Draw(Random random)
    {
        var ids = new HashSet<long>(batchSize);
        while (ids.Count < batchSize)
        {
            ids.Add(random.Next(order.Length));
        }

        return [.. ids];
    }

    private Tensor Of(ReadOnlySpan<long> ids)
    {
        using var index = tensor(ids.ToArray());
        return loss(inputs[index], targets[index]);
    }
}
