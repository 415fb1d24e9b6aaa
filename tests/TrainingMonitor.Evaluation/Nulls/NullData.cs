using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Evaluation.Nulls;

/// <summary>Examples of a null stream and the order they are drawn in: x [n, d] normal, y = x·w* + noise. A stream makes new ones at every step.</summary>
internal sealed class NullData
{
    /// <summary>Weights, d.</summary>
    public const int Weights = 8;

    private readonly NullFamily family;
    private readonly NullRandom random;
    private readonly double[] inputs;
    private readonly double[] targets;
    private readonly double[] truth = new double[Weights];
    private readonly double[] drift = new double[Weights];
    private readonly int[] order;
    private readonly int[] ids;
    private int position;

    public NullData(NullFamily family, NullRandom random)
    {
        (this.family, this.random) = (family, random);
        var rows = family.Sampling == SamplingScheme.Streaming ? family.Batch : family.Examples;
        inputs = new double[rows * Weights];
        targets = new double[rows];
        order = [.. Enumerable.Range(0, rows)];
        ids = new int[family.Batch];
        position = rows;
        for (var k = 0; k < Weights; k++)
        {
            truth[k] = random.Normal() / Math.Sqrt(Weights);
            drift[k] = random.Normal();
        }

        for (var i = 0; i < rows; i++)
        {
            Make(i);
        }
    }

    /// <summary>Whether the last batch began an epoch.</summary>
    public bool BeganEpoch { get; private set; }

    /// <summary>Place of the last batch in its epoch, 0 to 1.</summary>
    public double Epoch => (double)position / order.Length;

    /// <summary>Inputs of an example.</summary>
    public ReadOnlySpan<double> Input(int id) => inputs.AsSpan(id * Weights, Weights);

    /// <summary>Target of an example.</summary>
    public double Target(int id) => targets[id];

    /// <summary>Ids of the next batch.</summary>
    public ReadOnlySpan<int> Next()
    {
        BeganEpoch = false;
        switch (family.Sampling)
        {
            case SamplingScheme.Streaming:
                for (var i = 0; i < ids.Length; i++)
                {
                    Make(i);
                    ids[i] = i;
                }

                return ids;
            case SamplingScheme.WithReplacement:
                for (var i = 0; i < ids.Length; i++)
                {
                    ids[i] = random.Below(order.Length);
                }

                return ids;
            default:
                BeganEpoch = position >= order.Length;
                if (BeganEpoch)
                {
                    position = 0;
                    if (family.Sampling == SamplingScheme.Shuffled)
                    {
                        random.Shuffle(order);
                    }
                }

                var batch = order.AsSpan(position, Math.Min(ids.Length, order.Length - position));
                position += batch.Length;
                return batch;
        }
    }

    private void Make(int row)
    {
        var fresh = Math.Sqrt(1 - (family.Drift * family.Drift));
        var y = 0.0;
        for (var k = 0; k < Weights; k++)
        {
            drift[k] = (family.Drift * drift[k]) + (fresh * random.Normal());
            inputs[(row * Weights) + k] = drift[k];
            y += drift[k] * truth[k];
        }

        targets[row] = y + (family.Noise * random.Of(family.Law));
    }
}
