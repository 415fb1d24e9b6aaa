using static TorchSharp.torch;

namespace TrainingMonitor.Evaluation.Training;

/// <summary>An operation on the numbers modulo a prime p, all pairs, split at random into a training and a held-out part.</summary>
internal sealed record ModularTask
{
    /// <summary>The prime p.</summary>
    public required int Modulus { get; init; }

    /// <summary>The operation.</summary>
    public ModularOperation Operation { get; init; }

    /// <summary>Share of the pairs to train on.</summary>
    public required double TrainShare { get; init; }

    /// <summary>Labels are random: nothing to understand.</summary>
    public bool RandomLabels { get; init; }

    /// <summary>Inputs are the two numbers [n, 2] int64, for an embedding; else two one-hot vectors side by side, [n, 2p] float32.</summary>
    public bool AsTokens { get; init; }

    /// <summary>Training pairs, n.</summary>
    public int TrainExamples => (int)(TrainShare * Modulus * (Operation == ModularOperation.Division ? Modulus - 1 : Modulus));

    /// <summary>Makes the data of a seed.</summary>
    public SupervisedData Make(int seed)
    {
        var random = new Random(seed);
        var pairs = Pairs().ToArray();
        random.Shuffle(pairs);
        var labels = Array.ConvertAll(pairs, pair => RandomLabels ? random.Next(Modulus) : (long)Result(pair.A, pair.B));
        using var scope = NewDisposeScope();
        var targets = tensor(labels);
        var inputs = AsTokens ? Tokens(pairs) : OneHot(pairs);
        var train = TrainExamples;
        var rest = pairs.Length;
        // Truth only: a user could spare no pair here, so the validation set is a piece of the held-out one.
        var data = new SupervisedData(
            inputs.slice(0, 0, train, 1), targets.slice(0, 0, train, 1),
            inputs.slice(0, train, rest, 1), targets.slice(0, train, rest, 1), targets.slice(0, train, rest, 1),
            inputs.slice(0, train, train + (train / 20), 1), targets.slice(0, train, train + (train / 20), 1));
        return data.MoveToOuterScope();
    }

    private static Tensor Tokens((int A, int B)[] pairs) =>
        tensor(pairs.SelectMany(pair => new long[] { pair.A, pair.B }).ToArray(), [pairs.Length, 2]);

    private Tensor OneHot((int A, int B)[] pairs)
    {
        var values = new float[pairs.Length * 2 * Modulus];
        for (var i = 0; i < pairs.Length; i++)
        {
            values[(i * 2 * Modulus) + pairs[i].A] = 1;
            values[(i * 2 * Modulus) + Modulus + pairs[i].B] = 1;
        }

        return tensor(values, [pairs.Length, 2 * Modulus]);
    }

    // Division by zero is left out.
    private IEnumerable<(int A, int B)> Pairs() =>
        from a in Enumerable.Range(0, Modulus)
        from b in Enumerable.Range(0, Modulus)
        where Operation != ModularOperation.Division || b > 0
        select (a, b);

    private int Result(int a, int b) => Operation switch
    {
        ModularOperation.Addition => (a + b) % Modulus,
        ModularOperation.Multiplication => a * b % Modulus,
        _ => a * Inverse(b) % Modulus,
    };

    // b^(p−2), by Fermat.
    private int Inverse(int b)
    {
        long result = 1, power = b;
        for (var exponent = Modulus - 2; exponent > 0; exponent >>= 1)
        {
            result = (exponent & 1) == 1 ? result * power % Modulus : result;
            power = power * power % Modulus;
        }

        return (int)result;
    }
}
