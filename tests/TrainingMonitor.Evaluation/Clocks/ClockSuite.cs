using TorchSharp.Modules;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Training;
using TrainingMonitor.Protocol.V1;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TrainingMonitor.Evaluation.Clocks;

/// <summary>The runs of the clock suite. The slow ones are over before held-out loss turns. Held-back cells differ from the development ones in noise, batch size, examples, task or sampling, never by seed alone.</summary>
internal static class ClockSuite
{
    /// <summary>Name of the suite.</summary>
    public const string Name = "clocks";

    /// <summary>First word of the cells that measure what the clocks cost: the same runs with and without.</summary>
    public const string Cost = "cost";

    private const int Seeds = 5;
    private const int CostSeeds = 10;

    /// <summary>All runs.</summary>
    public static IEnumerable<RecordingPlan> Plans() =>
        from cell in Cells()
        from seed in Enumerable.Range(0, cell.Seeds)
        select new RecordingPlan(Name, cell.Name, seed, cell.HeldBack, cell.Training.Run);

    /// <summary>All configurations.</summary>
    public static IEnumerable<ClockCell> Cells()
    {
        // Development.
        yield return Digits(false, "adam", Adam(1e-3), 0.4, 50);
        yield return Digits(false, "momentum", Momentum(0.02), 0.4, 50);
        yield return Digits(false, "sgd", Sgd(0.1), 0.4, 50, steps: 3200);
        yield return Digits(false, "adam", Adam(1e-3), 0.2, 50);
        yield return Digits(false, "adam", Adam(1e-3), 0, 50);
        yield return Digits(false, "momentum", Momentum(0.02), 0, 50);
        yield return Digits(false, "sgd", Sgd(0.1), 0, 50);
        yield return Sequences(false, "adam", Adam(1e-3), 0.2, 4000, 50);
        yield return Digits(false, "sgd-slow", Sgd(0.02), 0, 50);
        yield return Digits(false, "sgd-slow", Sgd(0.02), 0.4, 50, steps: 800);

        // Held back.
        yield return Digits(true, "adam", Adam(1e-3), 0.3, 40);
        yield return Digits(true, "momentum", Momentum(0.02), 0.3, 40);
        yield return Digits(true, "sgd", Sgd(0.1), 0.3, 40, steps: 3200);
        yield return Digits(true, "adam", Adam(2e-3), 0.1, 32);
        yield return Digits(true, "momentum", Momentum(0.02), 0.3, 40, SamplingScheme.WithReplacement);
        yield return Digits(true, "adamw", AdamW(1e-3, 0.1), 0, 40);
        yield return Digits(true, "momentum", Momentum(0.05), 0, 40);
        yield return Digits(true, "sgd", Sgd(0.05), 0, 40);
        yield return Sequences(true, "momentum", Momentum(0.05), 0.3, 6000, 60);
        yield return Sequences(true, "adam", Adam(1e-3), 0.1, 12000, 100);
        yield return Digits(true, "sgd-slow", Sgd(0.02), 0, 40);
        yield return Digits(true, "sgd-slow", Sgd(0.02), 0.3, 40, steps: 1000);
        yield return Digits(true, "momentum-slow", Momentum(0.001), 0.2, 32, steps: 1200);

        foreach (var noise in new[] { 0, 0.2 })
        {
            foreach (var (canaries, sentinels) in new[] { (false, false), (true, false), (false, true), (true, true) })
            {
                yield return CostCell(noise, canaries, sentinels);
            }
        }
    }

    /// <summary>Name of a cost cell.</summary>
    public static string CostName(double noise, bool canaries, bool sentinels) => $"{Cost}-noise{100 * noise:0}-{(canaries ? "canaries" : "plain")}-{(sentinels ? "sentinels" : "all")}";

    private static ClockCell CostCell(double noise, bool canaries, bool sentinels)
    {
        var cell = Digits(true, "adam", Adam(1e-3), noise, 50, steps: 800);
        return new ClockCell(CostName(noise, canaries, sentinels), true, CostSeeds, cell.Training with { WithCanaries = canaries, WithSentinels = sentinels });
    }

    private static ClockCell Digits(
        bool heldBack, string name, Func<IEnumerable<Parameter>, Optimizer> optimizer, double noise, int batch, SamplingScheme sampling = SamplingScheme.Shuffled, int steps = 1600) =>
        new($"digits-{name}-noise{100 * noise:0}-b{batch}-{(sampling == SamplingScheme.Shuffled ? "shuffled" : "replacement")}", heldBack, Seeds, new ClockTraining
        {
            Data = seed => Tasks.DigitsOf(1000, noise, seed),
            Network = () => Networks.Mlp(64, 128, Tasks.DigitClasses),
            Optimizer = optimizer,
            Classes = Tasks.DigitClasses,
            BatchSize = batch,
            Sampling = sampling,
            Steps = steps,
        });

    private static ClockCell Sequences(bool heldBack, string name, Func<IEnumerable<Parameter>, Optimizer> optimizer, double noise, int examples, int batch) =>
        new($"sequence-{name}-noise{100 * noise:0}-n{examples}-b{batch}-shuffled", heldBack, Seeds, new ClockTraining
        {
            Data = seed => Tasks.Sequences(examples, noise, seed),
            Network = Networks.SequenceNetwork,
            Optimizer = optimizer,
            Classes = Tasks.SequenceClasses,
            BatchSize = batch,
            Steps = 3200,
        });

    private static Func<IEnumerable<Parameter>, Optimizer> Adam(double rate) => parameters => optim.Adam(parameters, lr: rate);

    private static Func<IEnumerable<Parameter>, Optimizer> AdamW(double rate, double decay) => parameters => optim.AdamW(parameters, lr: rate, weight_decay: decay);

    private static Func<IEnumerable<Parameter>, Optimizer> Momentum(double rate) => parameters => optim.SGD(parameters, rate, momentum: 0.9);

    private static Func<IEnumerable<Parameter>, Optimizer> Sgd(double rate) => parameters => optim.SGD(parameters, rate);
}
