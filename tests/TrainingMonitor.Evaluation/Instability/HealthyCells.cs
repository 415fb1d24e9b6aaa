using TrainingMonitor.Evaluation.Training;
using TrainingMonitor.Protocol.V1;
using static TrainingMonitor.Evaluation.Instability.InstabilitySuite;

namespace TrainingMonitor.Evaluation.Instability;

/// <summary>Runs in which nothing goes wrong.</summary>
internal static class HealthyCells
{
    /// <summary>Name, part and training.</summary>
    public static IEnumerable<(string Name, bool HeldBack, InstabilityTraining Training)> All()
    {
        yield return ("digits-mlp-adam-cosine", false, Digits(Adam(1e-3), 50) with { Schedule = WarmUpThenCosine(100) });
        yield return ("digits-mlp-momentum-restarts", false, Digits(Momentum(0.03), 50) with { Schedule = Restarts(400) });
        yield return ("digits-mlp-adam-noise40", false, Digits(Adam(1e-3), 50, noise: 0.4));
        yield return ("digits-mlp-momentum-sorted", false, Digits(Momentum(0.01), 25) with { Data = Sorted(1000), Sampling = SamplingScheme.Sequential });
        yield return ("sequence-adam-b8", false, Sequence(Adam(1e-3), 8));
        yield return ("regression-sgd-steps", false, Regression(Sgd(0.05), 40) with { Schedule = Drops(800) });
        yield return ("digits-cnn-momentum-hard", false, Digits(Momentum(0.02), 40, cnn: true) with { Data = Hard(1000, 40, 25), Sampling = SamplingScheme.Sequential });
        yield return ("digits-mlp-sgd-edge", false, Digits(Sgd(0.3), 1000) with { Data = seed => Tasks.DigitsOf(200, 0, seed), BatchSize = 200, Sampling = SamplingScheme.FullBatch });

        yield return ("digits-mlp-adamw-restarts", true, Digits(AdamW(2e-3, 0.1), 40) with { Schedule = Restarts(500) });
        yield return ("digits-mlp-momentum-cosine", true, Digits(Momentum(0.03), 32) with { Schedule = WarmUpThenCosine(200) });
        yield return ("digits-mlp-sgd-noise60", true, Digits(Sgd(0.1), 25, noise: 0.6));
        yield return ("digits-cnn-adam-sorted", true, Digits(Adam(1e-3), 20, cnn: true) with { Data = Sorted(1000), Sampling = SamplingScheme.Sequential });
        yield return ("sequence-momentum-b10", true, Sequence(Momentum(0.02), 10));
        yield return ("sequence-adam-steps", true, Sequence(Adam(2e-3), 40) with { Schedule = Drops(600) });
        yield return ("regression-adam-constant", true, Regression(Adam(2e-3), 25));
        yield return ("digits-mlp-adam-hard", true, Digits(Adam(1e-3), 50) with { Data = Hard(1000, 50, 10), Sampling = SamplingScheme.Sequential });
        yield return ("digits-mlp-momentum-clip", true, Digits(Momentum(0.05), 40, noise: 0.2) with { ClipNorm = 1 });
        yield return ("transformer-adamw-constant", true, Transformer(AdamW(1e-3, 0.2), 128));
        yield return ("digits-mlp-adam-dropout", true, Digits(Adam(2e-3), 40, noise: 0.1, dropout: 0.3));
        yield return ("digits-mlp-momentum-edge", true, Digits(Momentum(0.05), 200) with { Data = seed => Tasks.DigitsOf(200, 0, seed), Sampling = SamplingScheme.FullBatch });
    }

    private static Func<int, double> WarmUpThenCosine(int warmUp) =>
        step => step < warmUp ? (step + 1.0) / warmUp : 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, (step - warmUp) / 2400.0)));

    // Falls by a cosine to 2% and starts again at the top.
    private static Func<int, double> Restarts(int period) => step => 0.02 + (0.49 * (1 + Math.Cos(Math.PI * (step % period) / period)));

    private static Func<int, double> Drops(int every) => step => Math.Pow(0.1, step / every);

    private static Func<int, SupervisedData> Sorted(int examples) => seed => Arrangements.SortedByClass(Tasks.DigitsOf(examples, 0, seed));

    private static Func<int, SupervisedData> Hard(int examples, int batch, int every) => seed => Arrangements.WithHardBatches(Tasks.DigitsOf(examples, 0, seed), batch, every);
}
