using TorchSharp.Modules;
using TrainingMonitor.Evaluation.Recordings;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TrainingMonitor.Evaluation.Stability;

/// <summary>The runs of the stability suite. Held-back cells differ from the development ones in rate, momentum, batch, width, loss or network, never by
/// seed alone.</summary>
internal static class StabilitySuite
{
    /// <summary>Name of the suite.</summary>
    public const string Name = "stability";

    private const int Examples = 512;
    private const int QuadraticExamples = 256;
    private const int QuadraticDimensions = 40;
    private const int Steps = 1000;
    private const int QuadraticSteps = 400;

    private static readonly StabilityProblem Tanh = StabilityProblem.DigitsSquared(Examples, () => StabilityProblem.Tanh(32));
    private static readonly StabilityProblem Relu = StabilityProblem.DigitsSquared(Examples, () => StabilityProblem.Relu(48));
    private static readonly StabilityProblem Wide = StabilityProblem.DigitsSquared(Examples, () => StabilityProblem.Tanh(48));
    private static readonly StabilityProblem Cnn = StabilityProblem.DigitsSquared(Examples, StabilityProblem.Cnn);
    private static readonly StabilityProblem Entropy = StabilityProblem.DigitsEntropy(Examples, () => StabilityProblem.Tanh(32));

    /// <summary>All runs.</summary>
    public static IEnumerable<RecordingPlan> Plans() =>
        from cell in Cells()
        from seed in Enumerable.Range(0, cell.HeldBack ? 10 : 4)
        select new RecordingPlan(Name, cell.Name, seed, cell.HeldBack, cell.Training.Run);

    /// <summary>All configurations.</summary>
    public static IEnumerable<StabilityCell> Cells()
    {
        // Development.
        yield return Quadratic("gd-quadratic-0.8", false, Sgd(0.8), QuadraticExamples);
        yield return Of("gd-tanh-0.4", false, Tanh, Sgd(0.4), Examples);
        yield return Of("heavyball-tanh-0.8", false, Tanh, Sgd(0.8, 0.9), Examples);
        yield return Of("nesterov-tanh-0.3", false, Tanh, Sgd(0.3, 0.9, true), Examples);
        yield return Of("adam-tanh-0.01", false, Tanh, Adam(1e-2, 0.9), Examples);
        yield return Of("rmsprop-tanh-0.001", false, Tanh, RmsProp(1e-3), Examples);
        yield return Of("sgd-tanh-0.5-b16", false, Tanh, Sgd(0.5), 16);
        yield return Of("sgd-tanh-0.7-b8", false, Tanh, Sgd(0.7), 8);
        yield return Of("sgd-tanh-0.8-b32", false, Tanh, Sgd(0.8), 32);
        yield return Of("sgd-tanh-0.4-b128", false, Tanh, Sgd(0.4), 128);
        yield return Of("momentum-tanh-0.05-b16", false, Tanh, Sgd(0.05, 0.9), 16);
        yield return Of("momentum-tanh-0.2-b16", false, Tanh, Sgd(0.2, 0.9), 16);
        yield return Of("momentum-tanh-0.8-b128", false, Tanh, Sgd(0.8, 0.9), 128);

        // Held back: other rates, momenta, batches, widths, losses, networks.
        yield return Quadratic("gd-quadratic-1.01", true, Sgd(1.01), QuadraticExamples);
        yield return Of("gd-relu-0.3", true, Relu, Sgd(0.3), Examples);
        yield return Of("gd-entropy-0.5", true, Entropy, Sgd(0.5), Examples);
        yield return Quadratic("heavyball-quadratic-1.7", true, Sgd(1.7, 0.8), QuadraticExamples);
        yield return Of("heavyball-relu-0.5", true, Relu, Sgd(0.5, 0.8), Examples);
        yield return Of("heavyball-cnn-0.3", true, Cnn, Sgd(0.3, 0.9), Examples);
        yield return Of("nesterov-relu-0.2", true, Relu, Sgd(0.2, 0.8, true), Examples);
        yield return Of("nesterov-wide-0.2", true, Wide, Sgd(0.2, 0.9, true), Examples);
        yield return Of("adam-relu-0.01", true, Relu, Adam(1e-2, 0.8), Examples);
        yield return Of("adam-wide-0.005", true, Wide, Adam(5e-3, 0.9, 0.99), Examples);
        yield return Of("adam-cnn-0.02", true, Cnn, Adam(2e-2, 0.9), Examples);
        yield return Of("rmsprop-relu-0.0005", true, Relu, RmsProp(5e-4), Examples);
        yield return Of("rmsprop-wide-0.0003", true, Wide, RmsProp(3e-4), Examples);
        yield return Of("sgd-relu-0.4-b8", true, Relu, Sgd(0.4), 8);
        yield return Of("sgd-wide-0.3-b64", true, Wide, Sgd(0.3), 64);
        yield return Of("sgd-relu-0.25-b256", true, Relu, Sgd(0.25), 256);
        yield return Of("sgd-wide-0.5-b256", true, Wide, Sgd(0.5), 256);
        yield return Of("sgd-wide-0.7-b128", true, Wide, Sgd(0.7), 128);
        yield return Of("momentum-relu-0.03-b8", true, Relu, Sgd(0.03, 0.9), 8);
        yield return Of("momentum-wide-0.1-b64", true, Wide, Sgd(0.1, 0.8), 64);
        yield return Of("momentum-relu-0.5-b256", true, Relu, Sgd(0.5, 0.8), 256);
    }

    private static StabilityCell Quadratic(string name, bool heldBack, Func<IEnumerable<Parameter>, Optimizer> optimizer, int batch) =>
        Of(name, heldBack, StabilityProblem.Quadratic(QuadraticExamples, QuadraticDimensions, 2, 0.7), optimizer, batch, QuadraticSteps);

    private static StabilityCell Of(
        string name, bool heldBack, StabilityProblem problem, Func<IEnumerable<Parameter>, Optimizer> optimizer, int batch, int steps = Steps) =>
        new(name, heldBack, new StabilityTraining { Problem = problem, Optimizer = optimizer, BatchSize = batch, Steps = steps });

    private static Func<IEnumerable<Parameter>, Optimizer> Sgd(double rate, double momentum = 0, bool nesterov = false) =>
        parameters => optim.SGD(parameters, rate, momentum: momentum, nesterov: nesterov);

    private static Func<IEnumerable<Parameter>, Optimizer> Adam(double rate, double beta1, double beta2 = 0.999) => parameters => optim.Adam(parameters, lr: rate, beta1: beta1, beta2: beta2);

    private static Func<IEnumerable<Parameter>, Optimizer> RmsProp(double rate) => parameters => optim.RMSProp(parameters, lr: rate);
}
