using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Tests.Oracle;

/// <summary>Draws batches and remembers when each example was last in one.</summary>
public sealed class BatchSampler(SamplingScheme sampling, int examples, int batch, int seed)
{
    private readonly Random random = new(seed);
    private readonly int[] order = [.. Enumerable.Range(0, examples)];
    private readonly long[] lastStep = [.. Enumerable.Repeat(long.MinValue, examples)];
    private int position;
    private long step = -1;

    /// <summary>Steps an epoch.</summary>
    public int StepsPerEpoch { get; } = sampling == SamplingScheme.FullBatch ? 1 : examples / batch;

    /// <summary>Whether the last batch began an epoch other than the first.</summary>
    public bool AtSeam { get; private set; }

    /// <summary>Fills the next batch.</summary>
    public void Next(int[] target)
    {
        step++;
        AtSeam = false;
        if (sampling == SamplingScheme.WithReplacement)
        {
            for (var i = 0; i < target.Length; i++)
            {
                target[i] = random.Next(examples);
            }

            return;
        }

        if (step % StepsPerEpoch == 0)
        {
            AtSeam = step > 0 && sampling != SamplingScheme.Streaming;
            position = 0;
            if (sampling == SamplingScheme.Shuffled)
            {
                random.Shuffle(order);
            }
        }

        Array.Copy(order, position, target, 0, target.Length);
        position += target.Length;
    }

    /// <summary>z = β^(L−1), L the steps since the example was last in a batch; never: 0.</summary>
    public double Overlap(int example, double momentum)
    {
        var last = lastStep[example];
        return last == long.MinValue ? 0 : step - last == 1 ? 1 : Math.Pow(momentum, step - last - 1);
    }

    /// <summary>Notes that the batch was used in this step.</summary>
    public void Used(int[] batchExamples)
    {
        foreach (var example in batchExamples)
        {
            lastStep[example] = step;
        }
    }
}
