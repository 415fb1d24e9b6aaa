using TorchSharp.Modules;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Training;
using TrainingMonitor.Protocol.V1;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TrainingMonitor.Evaluation.Memorization;

/// <summary>The runs of the memorization suite. Headline cells have ten seeds, the others three. Held-back cells differ from the development ones in
/// noise, batch size, examples or task, never by seed alone.</summary>
internal static class MemorizationSuite
{
    /// <summary>Name of the suite.</summary>
    public const string Name = "memorization";

    private const int HeadlineSeeds = 10;
    private const int OtherSeeds = 3;

    /// <summary>All runs, headline cells first, seed by seed.</summary>
    public static IEnumerable<RecordingPlan> Plans() =>
        from cell in Cells()
        from seed in Enumerable.Range(0, cell.Headline ? HeadlineSeeds : OtherSeeds)
        orderby seed, cell.Headline descending
        select new RecordingPlan(Name, cell.Name, seed, cell.HeldBack, cell.Training.Run);

    /// <summary>All configurations.</summary>
    public static IEnumerable<MemorizationCell> Cells()
    {
        foreach (var (part, noise, batch) in new[] { (false, 0.4, 50), (true, 0.3, 40) })
        {
            foreach (var sampling in new[] { SamplingScheme.Shuffled, SamplingScheme.WithReplacement })
            {
                yield return Digits(part, true, "adam", Adam(1e-3), noise, batch, sampling);
                yield return Digits(part, true, "momentum", Momentum(0.02), noise, batch, sampling);
                yield return Digits(part, true, "sgd", Sgd(0.1), noise, batch, sampling);
            }

            yield return Digits(part, true, "adam", Adam(1e-3), 0, batch, SamplingScheme.Shuffled, decay: 0.1);
            yield return Digits(part, true, "momentum", Momentum(0.02), 0, batch, SamplingScheme.Shuffled);
            yield return Digits(part, true, "momentum", Momentum(0.02), noise, part ? 200 : 250, SamplingScheme.Shuffled);
        }

        foreach (var cell in Others())
        {
            yield return cell;
        }
    }

    private static IEnumerable<MemorizationCell> Others()
    {
        // Development: what the headline cells leave open.
        yield return Digits(false, false, "sgd", Sgd(0.1), 0, 50, SamplingScheme.WithReplacement);
        yield return Digits(false, false, "adamw", AdamW(1e-3, 0.5), 0.2, 50, SamplingScheme.Shuffled);
        yield return Digits(false, false, "adam", Adam(1e-3), 1, 50, SamplingScheme.Shuffled);
        yield return Digits(false, false, "adam", Adam(1e-3), 0.4, 8, SamplingScheme.Shuffled);
        yield return Digits(false, false, "adam", Adam(1e-3), 0.4, 1000, SamplingScheme.FullBatch, steps: 400);
        yield return Digits(false, false, "adam-cosine", Adam(2e-3), 0.4, 50, SamplingScheme.Shuffled, schedule: Cosine);
        yield return Digits(false, false, "adam-dropout", Adam(1e-3), 0.2, 50, SamplingScheme.Shuffled, dropout: 0.3);
        yield return Digits(false, false, "cnn-adam", Adam(2e-3), 0.4, 50, SamplingScheme.Shuffled, cnn: true);
        yield return Digits(false, false, "cnn-momentum", Momentum(0.02), 0, 50, SamplingScheme.Shuffled, cnn: true);
        yield return Digits(false, false, "adam-small", Adam(1e-3), 0, 20, SamplingScheme.Shuffled, examples: 100);
        yield return Regression(false, "adam", Adam(1e-3), 0.5, 300, 20);
        yield return Regression(false, "momentum", Momentum(0.01), 0.05, 2000, 20);
        yield return Sequence(false, "adam", Adam(1e-3), 0.2, 1000, 50);
        yield return Sequence(false, "adam", Adam(1e-3), 0, 4000, 50);
        yield return OnePass(false, "adam", Adam(1e-3), 0.4, 50);
        yield return OnePass(false, "momentum", Momentum(0.05), 0, 50);
        yield return Digits(false, false, "momentum-large", Momentum(0.1), 0.4, 50, SamplingScheme.Shuffled);
        yield return Digits(false, false, "momentum-large", Momentum(0.1), 0, 50, SamplingScheme.Shuffled);
        yield return Digits(false, false, "sgd-large", Sgd(0.5), 0.4, 50, SamplingScheme.Shuffled);

        // Held back.
        yield return Digits(true, false, "sgd", Sgd(0.1), 0, 40, SamplingScheme.WithReplacement);
        yield return Digits(true, false, "adamw", AdamW(1e-3, 0.2), 0.1, 32, SamplingScheme.Shuffled);
        yield return Digits(true, false, "momentum", Momentum(0.02), 1, 40, SamplingScheme.Shuffled);
        yield return Digits(true, false, "momentum", Momentum(0.005), 0.5, 8, SamplingScheme.Shuffled);
        yield return Digits(true, false, "momentum", Momentum(0.05), 0.3, 1000, SamplingScheme.FullBatch, steps: 400);
        yield return Digits(true, false, "momentum-cosine", Momentum(0.05), 0.3, 40, SamplingScheme.Shuffled, schedule: Cosine);
        yield return Digits(true, false, "momentum-dropout", Momentum(0.02), 0.3, 40, SamplingScheme.Shuffled, dropout: 0.2);
        yield return Digits(true, false, "cnn-momentum", Momentum(0.02), 0.3, 40, SamplingScheme.WithReplacement, cnn: true);
        yield return Digits(true, false, "cnn-adam", Adam(2e-3), 0, 40, SamplingScheme.Shuffled, cnn: true);
        yield return Digits(true, false, "momentum-small", Momentum(0.02), 0, 25, SamplingScheme.Shuffled, examples: 200);
        yield return Regression(true, "momentum", Momentum(0.01), 1, 400, 25);
        yield return Regression(true, "adam", Adam(1e-3), 0.02, 3000, 50);
        yield return Sequence(true, "momentum", Momentum(0.05), 0.3, 1500, 40);
        yield return Sequence(true, "momentum", Momentum(0.05), 0, 6000, 60);
        yield return OnePass(true, "adam", Adam(2e-3), 0, 40);
        yield return OnePass(true, "sgd", Sgd(0.1), 0.3, 40);
        yield return Digits(true, false, "momentum-large", Momentum(0.15), 0.2, 40, SamplingScheme.Shuffled);
        yield return Digits(true, false, "momentum-large", Momentum(0.1), 0.3, 25, SamplingScheme.Shuffled);
        yield return Digits(true, false, "momentum-large", Momentum(0.15), 0, 40, SamplingScheme.Shuffled);
    }

    private static MemorizationCell Digits(
        bool heldBack, bool headline, string name, Func<IEnumerable<Parameter>, Optimizer> optimizer, double noise, int batch, SamplingScheme sampling,
        int examples = 1000, int steps = 1600, double dropout = 0, double decay = 0, bool cnn = false, Func<double, double>? schedule = null)
    {
        var make = decay > 0 ? AdamW(1e-3, decay) : optimizer;
        var decayName = decay > 0 ? $"-decay{decay:0.##}" : "";
        return new MemorizationCell($"digits-{name}{decayName}-noise{100 * noise:0}-n{examples}-b{batch}-{Short(sampling)}", headline, heldBack, new SupervisedTraining
        {
            Data = seed => Tasks.DigitsOf(examples, noise, seed),
            Network = () => cnn ? Networks.DigitsCnn() : Networks.Mlp(64, 128, Tasks.DigitClasses, dropout),
            Optimizer = make,
            BatchSize = batch,
            Sampling = sampling,
            Steps = steps,
            EvaluationInterval = steps / 160,
            Schedule = schedule,
        });
    }

    private static MemorizationCell Regression(bool heldBack, string name, Func<IEnumerable<Parameter>, Optimizer> optimizer, double noise, int examples, int batch) =>
        new($"regression-{name}-noise{100 * noise:0}-n{examples}-b{batch}-shuffled", false, heldBack, new SupervisedTraining
        {
            Data = seed => Tasks.Regression(examples, noise, seed),
            Network = () => Networks.Mlp(Tasks.RegressionInputs, 64, 1),
            Optimizer = optimizer,
            BatchSize = batch,
            Sampling = SamplingScheme.Shuffled,
            Steps = 1600,
        });

    private static MemorizationCell Sequence(bool heldBack, string name, Func<IEnumerable<Parameter>, Optimizer> optimizer, double noise, int examples, int batch) =>
        new($"sequence-{name}-noise{100 * noise:0}-n{examples}-b{batch}-shuffled", false, heldBack, new SupervisedTraining
        {
            Data = seed => Tasks.Sequences(examples, noise, seed),
            Network = Networks.SequenceNetwork,
            Optimizer = optimizer,
            BatchSize = batch,
            Sampling = SamplingScheme.Shuffled,
            Steps = 2000,
        });

    // Each example once: nothing can be memorized.
    private static MemorizationCell OnePass(bool heldBack, string name, Func<IEnumerable<Parameter>, Optimizer> optimizer, double noise, int batch) =>
        new($"onepass-{name}-noise{100 * noise:0}-b{batch}", true, heldBack, new SupervisedTraining
        {
            Data = seed => Tasks.Sequences(2000 * batch, noise, seed),
            Network = Networks.SequenceNetwork,
            Optimizer = optimizer,
            BatchSize = batch,
            Sampling = SamplingScheme.Streaming,
            Steps = 2000,
        });

    private static Func<IEnumerable<Parameter>, Optimizer> Adam(double rate) => parameters => optim.Adam(parameters, lr: rate);

    private static Func<IEnumerable<Parameter>, Optimizer> AdamW(double rate, double decay) => parameters => optim.AdamW(parameters, lr: rate, weight_decay: decay);

    private static Func<IEnumerable<Parameter>, Optimizer> Momentum(double rate) => parameters => optim.SGD(parameters, rate, momentum: 0.9);

    private static Func<IEnumerable<Parameter>, Optimizer> Sgd(double rate) => parameters => optim.SGD(parameters, rate);

    private static double Cosine(double share) => 0.5 * (1 + Math.Cos(Math.PI * share));

    private static string Short(SamplingScheme sampling) => sampling switch
    {
        SamplingScheme.WithReplacement => "replacement",
        SamplingScheme.FullBatch => "full",
        _ => "shuffled",
    };
}
