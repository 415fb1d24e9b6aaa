using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Tests.Oracle;

namespace TrainingMonitor.Estimation.Tests.Detection;

/// <summary>Memorization onset on real training runs; held-out loss only says what is true.</summary>
public sealed class RealMemorizationTests(ITestOutputHelper output)
{
    // Epochs of delay allowed after the lowest held-out loss. TRAINMON_TEST_SEEDS=5 makes the table of docs/alerts.md: all rows, five seeds each.
    public static IEnumerable<TheoryDataRow<string, double>> Noisy() =>
        new TheoryDataRow<string, double>[]
        {
            new("adam", 6),
            new("momentum", 6),
            new("momentum, large steps", 14),
            new("adam, replacement", 14),
            new("adam, exact sums every 16 steps", 6),
            new("adam, pairs every 4 steps", 20),
            new("momentum, replacement", 16),
            new("adam, noise 0.2", 8),
            new("adam, batch 100", 8),
            new("momentum, batch 250", 40),
            new("sgd", 60),
        }.Take(TestSeeds.Count > 1 ? 11 : 6);

    public static IEnumerable<TheoryDataRow<string>> Clean() =>
        new TheoryDataRow<string>[]
        {
            new("adam, decay, exact sums every 16 steps"),
            new("momentum, decay"),
            new("momentum, large steps"),
            new("adam, replacement, decay"),
            new("adam, decay"),
            new("adam"),
            new("adam, exact sums every 16 steps"),
            new("adam, pairs every 4 steps"),
            new("momentum"),
            new("sgd"),
            new("momentum, batch 250"),
        }.Take(TestSeeds.Count > 1 ? 11 : 4);

    [Theory]
    [MemberData(nameof(Noisy))]
    public void Noisy_labels_alarm_close_to_where_held_out_loss_turns(string kind, double latest)
    {
        for (var seed = 0; seed < TestSeeds.Count; seed++)
        {
            var noise = kind.Contains("noise 0.2", StringComparison.Ordinal) ? 0.2 : 0.4;
            var options = Options(kind) with { Seed = seed };
            var run = Run(options, OracleData.Digits(noise, seed), TestSeeds.Count > 1 ? 1000 : 360, thin: Thinning(kind));
            var alarm = run.All.Find(finding => finding is { Rule: DetectionRule.MemorizationOnset, State: FindingState.Firing });
            var epochs = alarm is null ? double.PositiveInfinity : (double)(alarm.Step - run.LowestStep) * options.BatchSize / 1000;
            output.WriteLine($"{kind}, seed {seed}: held-out loss {run.LowestLoss:0.000} lowest at {run.LowestStep}, {run.LastLoss:0.000} at the end; alarm {epochs:0.0} epochs after; {Describe(run.All)}");
            run.LastLoss.ShouldBeGreaterThan(1.1 * run.LowestLoss);
            epochs.ShouldBeInRange(-3, latest);
        }
    }

    [Theory]
    [MemberData(nameof(Clean))]
    public void Clean_labels_raise_nothing(string kind)
    {
        for (var seed = 0; seed < TestSeeds.Count; seed++)
        {
            var run = Run(Options(kind) with { Seed = seed }, OracleData.Digits(0, seed), TestSeeds.Count > 1 ? 1600 : 600, thin: Thinning(kind));
            output.WriteLine($"{kind}, seed {seed}: held-out loss {run.LowestLoss:0.000} lowest at {run.LowestStep}, {run.LastLoss:0.000} at the end; {Describe(run.All)}");
            run.All.Where(finding => finding.State is FindingState.Firing).ShouldBeEmpty();
        }
    }

    // Said to be sampled with unknown n: the detector does not know that every example is new.
    [Theory]
    [InlineData("adam", 0.4)]
    [InlineData("momentum", 0.4)]
    [InlineData("adam, exact sums every 16 steps", 0.0)]
    public void One_pass_over_the_data_stays_silent(string kind, double noise)
    {
        var options = Options(kind) with { Sampling = SamplingScheme.Streaming, Hidden = [64], Outputs = 8 };
        var run = Run(options, OracleData.Teacher(50 * 600, noise), 600, configuration => configuration with { Sampling = SamplingScheme.Shuffled, DatasetSize = 1_000_000 }, Thinning(kind));
        output.WriteLine($"{kind} noise {noise}: held-out {run.LowestLoss:0.000} lowest at {run.LowestStep}, {run.LastLoss:0.000} at the end; {Describe(run.All)}");
        run.All.ShouldBeEmpty();
    }

    private static string Describe(List<Finding> all) =>
        all.Count == 0 ? "no alert" : string.Join("; ", all.Select(finding => $"{finding.Step} {DetectionRules.Name(finding.Rule)} {finding.State}: {finding.Summary}"));

    private static OracleOptions Options(string kind)
    {
        var options = new OracleOptions();
        if (kind.Contains("sgd", StringComparison.Ordinal))
        {
            options = options with { Optimizer = OptimizerKind.Sgd, LearningRate = 0.1 };
        }

        if (kind.Contains("batch 100", StringComparison.Ordinal))
        {
            options = options with { BatchSize = 100 };
        }

        if (kind.Contains("batch 250", StringComparison.Ordinal))
        {
            options = options with { BatchSize = 250 };
        }

        if (kind.Contains("momentum", StringComparison.Ordinal))
        {
            options = options with { Optimizer = OptimizerKind.Sgd, Momentum = 0.9, LearningRate = kind.Contains("large steps", StringComparison.Ordinal) ? 0.1 : 0.02 };
        }

        if (kind.Contains("replacement", StringComparison.Ordinal))
        {
            options = options with { Sampling = SamplingScheme.WithReplacement };
        }

        return !kind.Contains("decay", StringComparison.Ordinal) ? options
            : options.Optimizer is OptimizerKind.Sgd ? options with { WeightDecay = 2e-3 }
            : options with { Optimizer = OptimizerKind.AdamW, WeightDecay = 0.3 };
    }

    // What a client leaves out: exact sums between exact steps, own and cross outside the pairs.
    private static Action<StepInput>? Thinning(string kind) => kind switch
    {
        _ when kind.Contains("exact sums every 16", StringComparison.Ordinal) => step => Keep(step, step.Step % 16 == 0, LayerStatistic.SelfSecondMoment, LayerStatistic.SelfMeanSq),
        _ when kind.Contains("pairs every 4", StringComparison.Ordinal) => step =>
        {
            Keep(step, step.Step % 4 == 0, LayerStatistic.Own, LayerStatistic.SelfSecondMoment, LayerStatistic.SelfMeanSq);
            Keep(step, step.Step % 4 == 1, LayerStatistic.Cross);
            step.HasLag &= step.Step % 4 == 1;
        },
        _ => null,
    };

    private static void Keep(StepInput step, bool keep, params LayerStatistic[] statistics)
    {
        foreach (var statistic in keep ? [] : statistics)
        {
            step.RemoveColumn(statistic);
        }
    }

    private static (int LowestStep, double LowestLoss, double LastLoss, List<Finding> All) Run(
        OracleOptions options, OracleData data, int steps, Func<RunConfiguration, RunConfiguration>? declare = null, Action<StepInput>? thin = null)
    {
        var trainer = new OracleTrainer(options, data);
        var analysis = new RunAnalysis(declare?.Invoke(trainer.Configuration) ?? trainer.Configuration);
        analysis.SetLayers(trainer.LayerNames);
        var all = new List<Finding>();
        var (lowestStep, lowest, last) = (0, double.PositiveInfinity, double.NaN);
        for (var t = 0; t < steps; t++)
        {
            trainer.Next();
            thin?.Invoke(trainer.Step);
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
