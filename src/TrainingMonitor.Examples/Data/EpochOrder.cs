using static TorchSharp.torch;

namespace TrainingMonitor.Examples.Data;

/// <summary>Batches of example ids: a fresh permutation every epoch, without replacement. Draws from torch's random numbers.</summary>
public sealed class EpochOrder : IDisposable
{
    private readonly int examples;
    private readonly int batchSize;
    private Tensor permutation = empty(0, dtype: ScalarType.Int64);
    private int position;

    /// <summary>The batch size must divide the number of examples.</summary>
    public EpochOrder(int examples, int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (examples % batchSize != 0)
        {
            throw new ArgumentException($"{batchSize} does not divide {examples}.", nameof(batchSize));
        }

        this.examples = examples;
        this.batchSize = batchSize;
        position = examples;
    }

    /// <summary>Ids of the next batch, [batchSize] int64; the caller disposes it.</summary>
    public Tensor Next()
    {
        if (position == examples)
        {
            permutation.Dispose();
            permutation = randperm(examples, dtype: ScalarType.Int64).DetachFromDisposeScope();
            position = 0;
        }

        var batch = permutation.slice(0, position, position + batchSize, 1).clone();
        position += batchSize;
        return batch;
    }

    /// <inheritdoc/>
    public void Dispose() => permutation.Dispose();
}
