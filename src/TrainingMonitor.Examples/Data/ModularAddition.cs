using static TorchSharp.torch;

namespace TrainingMonitor.Examples.Data;

/// <summary>All pairs (a, b) modulo p with the label (a + b) mod p, split at random into a training and a held-out part.
/// A pair is two one-hot vectors side by side.</summary>
/// <param name="TrainPairs">[n, 2p], float32.</param>
/// <param name="TrainSums">[n], int64.</param>
/// <param name="HeldOutPairs">[p² − n, 2p].</param>
/// <param name="HeldOutSums">[p² − n].</param>
public sealed record ModularAddition(Tensor TrainPairs, Tensor TrainSums, Tensor HeldOutPairs, Tensor HeldOutSums) : IDisposable
{
    /// <summary>Makes the data set.</summary>
    /// <param name="modulus">p.</param>
    /// <param name="trainShare">Share of the pairs to train on.</param>
    /// <param name="randomLabels">Labels are random numbers below p: nothing to understand, only to memorize.</param>
    /// <param name="seed">Chooses the split and the random labels.</param>
    public static ModularAddition Create(int modulus, double trainShare, bool randomLabels, int seed)
    {
        var random = new Random(seed);
        var order = Enumerable.Range(0, modulus * modulus).ToArray();
        random.Shuffle(order.AsSpan());
        var pairs = new float[order.Length * 2 * modulus];
        var sums = new long[order.Length];
        for (var i = 0; i < order.Length; i++)
        {
            var (a, b) = Math.DivRem(order[i], modulus);
            pairs[(i * 2 * modulus) + a] = 1;
            pairs[(i * 2 * modulus) + modulus + b] = 1;
            sums[i] = randomLabels ? random.Next(modulus) : (a + b) % modulus;
        }

        var train = (int)(trainShare * order.Length);
        var cut = train * 2 * modulus;
        return new ModularAddition(
            tensor(pairs[..cut], [train, 2 * modulus]),
            tensor(sums[..train]),
            tensor(pairs[cut..], [order.Length - train, 2 * modulus]),
            tensor(sums[train..]));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        TrainPairs.Dispose();
        TrainSums.Dispose();
        HeldOutPairs.Dispose();
        HeldOutSums.Dispose();
    }
}
