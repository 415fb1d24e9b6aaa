using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp;

namespace TrainingMonitor.Evaluation.Clocks;

/// <summary>Draws batches of the examples that are not withheld. An epoch's last batch may be smaller.</summary>
internal sealed class WithheldBatches(int examples, int batchSize, SamplingScheme sampling, Sentinels? sentinels, Random random)
{
    private readonly long[] all = [.. Enumerable.Range(0, examples).Select(i => (long)i)];
    private long[] order = [];
    private int position;
    private long epoch = -1;

    /// <summary>Whether the last batch began an epoch.</summary>
    public bool BeganEpoch { get; private set; }

    /// <summary>Steps of the epoch.</summary>
    public int StepsPerEpoch => (order.Length + batchSize - 1) / batchSize;

    /// <summary>Ids of the next batch.</summary>
    public long[] Next()
    {
        BeganEpoch = position >= order.Length;
        if (BeganEpoch)
        {
            position = 0;
            sentinels?.BeginEpoch(++epoch);
            order = sentinels?.Filter(all) ?? [.. all];
            random.Shuffle(order);
        }

        var count = Math.Min(batchSize, order.Length - position);
        var from = position;
        position += count;
        return sampling == SamplingScheme.WithReplacement
            ? [.. Enumerable.Range(0, count).Select(_ => order[random.Next(order.Length)])]
            : order[from..position];
    }
}
