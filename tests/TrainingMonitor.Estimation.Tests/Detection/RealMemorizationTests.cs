using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Tests.Oracle;

namespace TrainingMonitor.Estimation.Tests.Detection;

/// <summary>Memorization onset on real training runs; held-out loss only says what is true.</summary>
public sealed class RealMemorizationTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("adam", 0)]
    [InlineData("adam", 1)]
    [InlineData("momentum", 0)]
    [InlineData("with replacement", 0)]
    public void Noisy_labels_alarm_close_to_where_held_out_loss_turns(string kind, int seed)
    {
        var run = Run(Options(kind) with { Seed = seed }, OracleData.Digits(0.4, seed), 360);
        output.WriteLine($"{kind} seed {seed}: held-out loss {run.LowestLoss:0.000} lowest at {run.LowestStep}, {run.LastLoss:0.000} at the end; {Describe(run.All)}");
        run.LastLoss.ShouldBeGreaterThan(1.1 * run.LowestLoss);
        var alarm = run.All.First(finding => finding.Rule is DetectionRule.MemorizationOnset);
        ((alarm.Step - run.LowestStep) / 20.0).ShouldBeInRange(-2, kind == "with replacement" ? 10 : 6);
    }

    [Theory]
    [InlineData("decay", 0)]
    [InlineData("momentum, decay", 0)]
    [InlineData("adam, replacement, decay", 0)]
    public void Clean_labels_with_decay_stay_silent(string kind, int seed)
    {
        var run = Run(Options(kind) with { Seed = seed }, OracleData.Digits(0, seed), 600);
        output.WriteLine($"{kind} seed {seed}: held-out loss {run.LowestLoss:0.000} lowest at {run.LowestStep}, {run.LastLoss:0.000} at the end; {Describe(run.All)}");
        run.All.ShouldBeEmpty();
    }

    // Said to be sampled with unknown n: the detector does not know that every example is new.
    [Theory]
    [InlineData("adam", 0.4)]
    [InlineData("momentum", 0.4)]
    [InlineData("adam", 0.0)]
    public void One_pass_over_the_data_stays_silent(string kind, double noise)
    {
        var options = Options(kind) with { Sampling = SamplingScheme.Streaming, Hidden = [64], Outputs = 8 };
        var run = Run(options, OracleData.Teacher(50 * 600, noise), 600, configuration => configuration with { Sampling = SamplingScheme.Shuffled, DatasetSize = 1_000_000 });
        output.WriteLine($"{kind} noise {noise}: held-out {run.LowestLoss:0.000} lowest at {run.LowestStep}, {run.LastLoss:0.000} at the end; {Describe(run.All)}");
        run.All.ShouldBeEmpty();
    }

    private static string Describe(List<Finding> all) =>
        all.Count == 0 ? "no alert" : string.Join("; ", all.Select(finding => $"{finding.Step} {DetectionRules.Name(finding.Rule)} {finding.State}: {finding.Summary}"));

    private static OracleOptions Options(string kind)
    {
        var options = new OracleOptions();
        if (kind.Contains("momentum", StringComparison.Ordinal))
        {
            options = options with { Optimizer = OptimizerKind.Sgd, Momentum = 0.9, LearningRate = 0.02 };
        }

        if (kind.Contains("replacement", StringComparison.Ordinal))
        {
            options = options with { Sampling = SamplingScheme.WithReplacement };
        }

        return !kind.Contains("decay", StringComparison.Ordinal) ? options
            : options.Optimizer is OptimizerKind.Sgd ? options with { WeightDecay = 2e-3 }
            : options with { Optimizer = OptimizerKind.AdamW, WeightDecay = 0.3 };
    }

    private static (int LowestStep, double LowestLoss, double LastLoss, List<Finding> All) Run(
        OracleOptions options, OracleData data, int steps, Func<RunConfiguration, RunConfiguration>? declare = null)
    {
        var trainer = new OracleTrainer(options, data);
        var analysis = new RunAnalysis(declare?.Invoke(trainer.Configuration) ?? trainer.Configuration);
        analysis.SetLayers(trainer.LayerNames);
        var all = new List<Finding>();
        var (lowestStep, lowest, last) = (0, double.PositiveInfinity, double.NaN);
        for (var t = 0; t < steps; t++)
        {
            trainer.Next();
            analysis.Apply(trainer.Step);
            all.AddRange(analysis.Findings);
            if (t % 10 == 0)
            {
                last = trainer.HeldOutLoss();
                (lowestStep, lowest) = last < lowest ? (t, last) : (lowestStep, lowest);
            }
        }

        return (lowestStep, lowest, last, all);
    }
}
