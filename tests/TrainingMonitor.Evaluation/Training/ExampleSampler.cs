using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Evaluation.Training;

/// <summary>Draws batches of example ids in a way of sampling. An epoch's last batch may be smaller.</summary>
internal sealed class ExampleSampler
{
    private readonly int batchSize;
    private readonly SamplingScheme sampling;
    private readonly Random random;
    private readonly int[] order;
    private int position;

    /// <summary>Starts before the first batch.</summary>
    public ExampleSampler(int examples, int batchSize, SamplingScheme sampling, Random random)
    {
        (this.batchSize, this.sampling, this.random) = (batchSize, sampling, random);
        order = [.. Enumerable.Range(0, examples)];
        position = sampling == SamplingScheme.Streaming ? 0 : examples;
    }

    /// <summary>Whether the last batch began an epoch.</summary>
    public bool BeganEpoch { get; private set; }

    /// <summary>Ids of the next batch.</summary>
    public long[] Next() => sampling switch
    {
        SamplingScheme.WithReplacement => [.. Enumerable.Range(0, batchSize).Select(_ => (long)random.Next(order.Length))],
        SamplingScheme.Streaming => Take(),
        _ => NextOfEpoch(),
    };

    private long[] NextOfEpoch()
    {
        BeganEpoch = position >= order.Length;
        if (BeganEpoch)
        {
            position = 0;
            if (sampling == SamplingScheme.Shuffled)
            {
                random.Shuffle(order);
            }
        }

        return Take();
    }

    private long[] Take()
    {
        var count = Math.Min(batchSize, order.Length - position);
        long[] ids = [.. order.AsSpan(position, count).ToArray().Select(i => (long)i)];
        position += count;
        return ids;
    }
}
