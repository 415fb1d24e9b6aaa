using TrainingMonitor.Examples.Data;
using static TorchSharp.torch;

namespace TrainingMonitor.Evaluation.Training;

/// <summary>The data sets of the memorization suite.</summary>
internal static class Tasks
{
    /// <summary>Classes of the digits.</summary>
    public const int DigitClasses = 10;

    /// <summary>Length of the sequences.</summary>
    public const int SequenceLength = 12;

    /// <summary>Tokens of the sequences.</summary>
    public const int Vocabulary = 16;

    /// <summary>Classes of the sequences.</summary>
    public const int SequenceClasses = 4;

    /// <summary>Inputs of the regression.</summary>
    public const int RegressionInputs = 20;

    private const int GeneratedHeldOut = 1000;

    /// <summary>UCI digits, [n, 64]. A share of all labels, held-out ones too, is random.</summary>
    public static SupervisedData DigitsOf(int examples, double labelNoise, int seed)
    {
        using var scope = NewDisposeScope();
        using var digits = Digits.Load(examples, 0, seed);
        var inputs = cat([digits.TrainImages, digits.HeldOutImages]);
        var clean = cat([digits.TrainLabels, digits.HeldOutLabels]);
        return SupervisedData.Split(inputs, WithNoise(clean, DigitClasses, labelNoise, seed), clean, examples).MoveToOuterScope();
    }

    /// <summary>A regression [n, 20] → [n, 1] on a fixed random two-layer teacher with unit variance, and normal noise of the given variance.</summary>
    public static SupervisedData Regression(int examples, double noiseVariance, int seed)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator((ulong)seed + 77);
        var all = examples + Math.Max(5, examples / 20) + GeneratedHeldOut;
        var inputs = randn([all, RegressionInputs], generator: generator);
        var hidden = inputs.mm(randn([RegressionInputs, 8], generator: generator) / Math.Sqrt(RegressionInputs)).mul(2).tanh();
        var clean = hidden.mm(randn([8, 1], generator: generator));
        clean = (clean - clean.mean()) / clean.std();
        var noisy = clean + (randn([all, 1], generator: generator) * Math.Sqrt(noiseVariance));
        return SupervisedData.Split(inputs, noisy, clean, examples).MoveToOuterScope();
    }

    /// <summary>Sequences of tokens [n, 12]; the class is the one of four that a random table of neighbouring pairs scores highest.</summary>
    public static SupervisedData Sequences(int examples, double labelNoise, int seed)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator((ulong)seed + 177);
        var all = examples + Math.Max(5, examples / 20) + GeneratedHeldOut;
        var tokens = randint(0, Vocabulary, [all, SequenceLength], dtype: ScalarType.Int64, generator: generator);
        var table = randn([Vocabulary * Vocabulary, SequenceClasses], generator: generator);
        var pairs = (tokens.slice(1, 0, SequenceLength - 1, 1) * Vocabulary) + tokens.slice(1, 1, SequenceLength, 1);
        var scores = table[pairs.reshape(-1)].reshape(all, SequenceLength - 1, SequenceClasses).sum(1);
        var clean = scores.argmax(1);
        return SupervisedData.Split(tokens, WithNoise(clean, SequenceClasses, labelNoise, seed), clean, examples).MoveToOuterScope();
    }

    /// <summary>Labels of which a share is replaced by random ones (which may be right).</summary>
    private static Tensor WithNoise(Tensor labels, int classes, double share, int seed)
    {
        var random = new Random(seed + 5000);
        var noisy = labels.data<long>().ToArray();
        for (var i = 0; i < noisy.Length; i++)
        {
            if (random.NextDouble() < share)
            {
                noisy[i] = random.Next(classes);
            }
        }

        return tensor(noisy);
    }
}
