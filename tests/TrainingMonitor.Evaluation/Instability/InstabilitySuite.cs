using TorchSharp.Modules;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TrainingMonitor.Evaluation.Instability;

/// <summary>The runs of the instability suite: learning-rate shocks, second moments gone stale, spoilt batches, overflow, and healthy runs with what looks
/// like them. Development and held-back cells differ in optimizer, rate, size of the fault, network or task.</summary>
internal static class InstabilitySuite
{
    /// <summary>Name of the suite.</summary>
    public const string Name = "instability";

    private const int FaultyRuns = 6;
    private const int HealthyRuns = 4;
    private const int HealthySteps = 2500;

    /// <summary>All runs, seed by seed.</summary>
    public static IEnumerable<RecordingPlan> Plans() =>
        from cell in Cells()
        from seed in Enumerable.Range(0, cell.Seeds)
        orderby seed
        select new RecordingPlan(Name, cell.Name, seed, cell.HeldBack, cell.Training.Run);

    /// <summary>All configurations.</summary>
    public static IEnumerable<InstabilityCell> Cells()
    {
        yield return Faulty(false, "shock-digits-mlp-adam-x100-for5", Digits(Adam(1e-3), 50), Shock(100, 5));
        yield return Faulty(false, "shock-digits-mlp-momentum-x20-for3", Digits(Momentum(0.02), 50, noise: 0.4), Shock(20, 3));
        yield return Faulty(false, "shock-digits-cnn-momentum-x10-stays", Digits(Momentum(0.03), 40, cnn: true), Shock(10, 1000));
        yield return Faulty(false, "shock-sequence-adam-doubling8", Sequence(Adam(2e-3), 50), Ramp(8));
        yield return Faulty(false, "shock-transformer-adamw-x20-for10", Transformer(AdamW(3e-3, 0.1), 128), Shock(20, 10));
        yield return Faulty(false, "stale-digits-mlp-adam-classes", Digits(Adam(2e-3, 0.999), 50), Wakes(DigitBelow(7)));
        yield return Faulty(false, "stale-sequence-adam-tokens", Sequence(Adam(4e-3, 0.999), 50), Wakes(TokensFrom(3)));
        yield return Faulty(false, "corrupt-digits-mlp-momentum-labels-for3", Digits(Momentum(0.05), 50), Spoilt(Spoiling.Labels, 3));
        yield return Faulty(false, "corrupt-digits-cnn-adam-garbage-for3", Digits(Adam(2e-3), 40, cnn: true), Spoilt(Spoiling.Garbage, 3));
        yield return Faulty(false, "corrupt-sequence-adam-labels-for10", Sequence(Adam(4e-3), 50), Spoilt(Spoiling.Labels, 10));
        yield return Faulty(false, "overflow-regression-momentum-x20-stays", Regression(Momentum(0.02), 50), Shock(20, 1000));
        yield return Faulty(false, "overflow-digits-mlp-momentum-doubling15", Digits(Momentum(0.03), 50), Ramp(15));
        yield return Faulty(false, "overflow-digits-cnn-momentum-input", Digits(Momentum(0.03), 40, cnn: true), Spoilt(Spoiling.Overflow, 1));

        yield return Faulty(true, "shock-digits-mlp-adam-x50-for10", Digits(Adam(2e-3), 100), Shock(50, 10));
        yield return Faulty(true, "shock-digits-mlp-sgd-x15-stays", Digits(Sgd(0.15), 50), Shock(15, 1000));
        yield return Faulty(true, "shock-digits-cnn-adam-doubling10", Digits(Adam(2e-3), 40, noise: 0.2, cnn: true), Ramp(10));
        yield return Faulty(true, "shock-sequence-momentum-x15-for10", Sequence(Momentum(0.05), 40), Shock(15, 10));
        yield return Faulty(true, "shock-transformer-adamw-doubling6", Transformer(AdamW(2e-3, 0.2), 256), Ramp(6));
        yield return Faulty(true, "stale-digits-mlp-adam-classes6", Digits(Adam(3e-3, 0.9995), 40), Wakes(DigitBelow(6)));
        yield return Faulty(true, "stale-digits-cnn-adam-classes", Digits(Adam(4e-3, 0.999), 50, cnn: true), Wakes(DigitBelow(8)));
        yield return Faulty(true, "stale-sequence-adamw-tokens", Sequence(AdamW(5e-3, 0.1), 100), Wakes(TokensFrom(2)));
        yield return Faulty(true, "corrupt-digits-mlp-adam-garbage-for5", Digits(Adam(3e-3), 50), Spoilt(Spoiling.Garbage, 5));
        yield return Faulty(true, "corrupt-digits-cnn-momentum-labels-for5", Digits(Momentum(0.05), 50, cnn: true), Spoilt(Spoiling.Labels, 5));
        yield return Faulty(true, "corrupt-regression-adam-labels-for5", Regression(Adam(5e-3), 40), Spoilt(Spoiling.Labels, 5));
        yield return Faulty(true, "overflow-regression-sgd-doubling12", Regression(Sgd(0.05), 40), Ramp(12));
        yield return Faulty(true, "overflow-digits-mlp-sgd-x60-stays", Digits(Sgd(0.1), 100), Shock(60, 1000));
        yield return Faulty(true, "overflow-digits-mlp-adam-nan", Digits(Adam(1e-3), 50), Spoilt(Spoiling.NaN, 1));

        foreach (var cell in HealthyCells.All())
        {
            yield return new InstabilityCell($"healthy-{cell.Name}", HealthyRuns, cell.HeldBack, cell.Training with { Steps = HealthySteps });
        }
    }

    /// <summary>The UCI digits.</summary>
    public static InstabilityTraining Digits(Func<IEnumerable<Parameter>, Optimizer> optimizer, int batch, double noise = 0, bool cnn = false, double dropout = 0) => new()
    {
        Data = seed => Tasks.DigitsOf(1000, noise, seed),
        Network = () => cnn ? Networks.DigitsCnn() : Networks.Mlp(64, 128, Tasks.DigitClasses, dropout),
        Optimizer = optimizer,
        BatchSize = batch,
        Steps = 0,
    };

    /// <summary>Sequences of tokens.</summary>
    public static InstabilityTraining Sequence(Func<IEnumerable<Parameter>, Optimizer> optimizer, int batch) => new()
    {
        Data = seed => Tasks.Sequences(3000, 0, seed),
        Network = Networks.SequenceNetwork,
        Optimizer = optimizer,
        BatchSize = batch,
        Steps = 0,
    };

    /// <summary>A regression, squared loss.</summary>
    public static InstabilityTraining Regression(Func<IEnumerable<Parameter>, Optimizer> optimizer, int batch) => new()
    {
        Data = seed => Tasks.Regression(2000, 0.1, seed),
        Network = () => Networks.Mlp(Tasks.RegressionInputs, 64, 1),
        Optimizer = optimizer,
        BatchSize = batch,
        Steps = 0,
    };

    /// <summary>Addition modulo 31 by a transformer of one block.</summary>
    public static InstabilityTraining Transformer(Func<IEnumerable<Parameter>, Optimizer> optimizer, int batch) => new()
    {
        Data = new ModularTask { Modulus = 31, TrainShare = 0.8, AsTokens = true }.Make,
        Network = () => Networks.SmallTransformer(31, 32),
        Optimizer = optimizer,
        BatchSize = batch,
        Steps = 0,
    };

    /// <summary>Adam.</summary>
    public static Func<IEnumerable<Parameter>, Optimizer> Adam(double rate, double beta2 = 0.999) => parameters => optim.Adam(parameters, lr: rate, beta2: beta2);

    /// <summary>AdamW.</summary>
    public static Func<IEnumerable<Parameter>, Optimizer> AdamW(double rate, double decay) => parameters => optim.AdamW(parameters, lr: rate, weight_decay: decay);

    /// <summary>Momentum 0.9.</summary>
    public static Func<IEnumerable<Parameter>, Optimizer> Momentum(double rate) => parameters => optim.SGD(parameters, rate, momentum: 0.9);

    /// <summary>Plain SGD.</summary>
    public static Func<IEnumerable<Parameter>, Optimizer> Sgd(double rate) => parameters => optim.SGD(parameters, rate);

    private static InstabilityCell Faulty(bool heldBack, string name, InstabilityTraining training, Fault fault) =>
        new(name, FaultyRuns, heldBack, training with { Steps = fault.From + fault.Spread + 150, Fault = fault });

    private static Fault Shock(double factor, int steps) => new() { From = 300, Rate = since => since < steps ? factor : 1 };

    private static Fault Ramp(int doubling) => new() { From = 300, Rate = since => Math.Pow(2, Math.Min(12, (double)since / doubling)) };

    private static Fault Spoilt(Spoiling spoiling, int steps) => new() { From = 300, Spoiling = spoiling, SpoiltSteps = steps };

    private static Fault Wakes(Func<SupervisedData, long, bool> quiet) => new() { From = 600, Quiet = quiet };

    private static Func<SupervisedData, long, bool> DigitBelow(int label) => (data, i) => data.Targets[i].item<long>() < label;

    private static Func<SupervisedData, long, bool> TokensFrom(int least) => (data, i) => data.Inputs[i].min().item<long>() >= least;
}
