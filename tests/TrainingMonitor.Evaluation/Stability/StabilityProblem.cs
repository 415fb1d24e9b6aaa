using TrainingMonitor.Evaluation.Training;
using TrainingMonitor.Examples.Data;
using static TorchSharp.torch;

namespace TrainingMonitor.Evaluation.Stability;

/// <summary>What is trained: data, network, loss.</summary>
/// <param name="Data">Inputs and targets of a seed, examples first.</param>
/// <param name="Network">Makes the network.</param>
/// <param name="Loss">Mean loss of outputs and targets.</param>
internal sealed record StabilityProblem(Func<int, (Tensor Inputs, Tensor Targets)> Data, Func<nn.Module<Tensor, Tensor>> Network, Func<Tensor, Tensor, Tensor> Loss)
{
    private const int Pixels = 64;

    /// <summary>Digits, half the squared distance to the one-hot target.</summary>
    public static StabilityProblem DigitsSquared(int examples, Func<nn.Module<Tensor, Tensor>> network) =>
        new(seed => DigitsOf(examples, seed), network, (outputs, targets) => (outputs - nn.functional.one_hot(targets, Tasks.DigitClasses).to_type(ScalarType.Float32)).square().sum(1).mean() / 2);

    /// <summary>Digits, cross-entropy.</summary>
    public static StabilityProblem DigitsEntropy(int examples, Func<nn.Module<Tensor, Tensor>> network) =>
        new(seed => DigitsOf(examples, seed), network, (outputs, targets) => nn.functional.cross_entropy(outputs, targets));

    /// <summary>Least squares whose Hessian has the eigenvalues largest·k^(−power): inputs √n·Q·diag(√λ) with orthonormal columns Q, targets of a random
    /// weight vector, so that every example can be fitted.</summary>
    public static StabilityProblem Quadratic(int examples, int dimensions, double largest, double power) => new(
        seed =>
        {
            using var scope = NewDisposeScope();
            var generator = new Generator((ulong)seed + 31);
            var (q, _) = linalg.qr(randn([examples, dimensions], dtype: ScalarType.Float64, generator: generator), linalg.QRMode.Reduced);
            var spectrum = tensor(Enumerable.Range(1, dimensions).Select(k => largest * Math.Pow(k, -power)).ToArray());
            var inputs = q * spectrum.sqrt() * Math.Sqrt(examples);
            var targets = inputs.mm(randn([dimensions, 1], dtype: ScalarType.Float64, generator: generator));
            return (inputs.to_type(ScalarType.Float32).MoveToOuterDisposeScope(), targets.to_type(ScalarType.Float32).MoveToOuterDisposeScope());
        },
        () => nn.Sequential(("weights", nn.Linear(dimensions, 1, hasBias: false))),
        (outputs, targets) => (outputs - targets).square().mean() / 2);

    /// <summary>Two hidden layers of tanh.</summary>
    public static nn.Module<Tensor, Tensor> Tanh(int width) => nn.Sequential(
        ("hidden1", nn.Linear(Pixels, width)),
        ("tanh1", nn.Tanh()),
        ("hidden2", nn.Linear(width, width)),
        ("tanh2", nn.Tanh()),
        ("output", nn.Linear(width, Tasks.DigitClasses)));

    /// <summary>One hidden layer of ReLUs.</summary>
    public static nn.Module<Tensor, Tensor> Relu(int width) => Networks.Shallow(Pixels, width, Tasks.DigitClasses);

    /// <summary>Two small convolutions.</summary>
    public static nn.Module<Tensor, Tensor> Cnn() => Networks.DigitsCnn();

    private static (Tensor Inputs, Tensor Targets) DigitsOf(int examples, int seed)
    {
        using var scope = NewDisposeScope();
        using var digits = Digits.Load(examples, 0, seed);
        return (digits.TrainImages.alias().MoveToOuterDisposeScope(), digits.TrainLabels.alias().MoveToOuterDisposeScope());
    }
}
