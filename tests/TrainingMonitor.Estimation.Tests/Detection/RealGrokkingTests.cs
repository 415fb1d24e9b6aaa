using TrainingMonitor.Estimation.Detection;

namespace TrainingMonitor.Estimation.Tests.Detection;

/// <summary>Grokking on its way, begun, or memorization that stays, on real full-batch runs of modular addition.</summary>
public sealed class RealGrokkingTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_run_that_groks_is_on_its_way_before_held_out_accuracy_shows_it(int seed)
    {
        var run = Run(new ModularAddition(31, 0.6, 2, seed), 440);
        Write($"p 31, 60%, decay 2, seed {seed}", run);
        var onItsWay = run.Findings.First(finding => finding is { Rule: DetectionRule.GrokkingOnItsWay, State: FindingState.Firing });
        onItsWay.Step.ShouldBeLessThan(run.Accuracy20);
        onItsWay.Values["forecast_step"].ShouldBeGreaterThan(onItsWay.Step);
        onItsWay.Values["forecast_low"].ShouldBeLessThanOrEqualTo(onItsWay.Values["forecast_step"]);
        run.Findings.ShouldContain(finding => finding.Rule == DetectionRule.Grokking && finding.State == FindingState.Firing);
        run.Findings.ShouldNotContain(finding => finding.Rule == DetectionRule.MemorizationStays);
    }

    [Theory]
    [InlineData(0, 2.0)]
    [InlineData(0, 0.5)]
    public void Random_labels_are_never_on_their_way_and_stay_memorized(int seed, double decay)
    {
        var run = Run(new ModularAddition(31, 0.6, decay, seed, randomLabels: true), 800);
        Write($"p 31, random labels, decay {decay}, seed {seed}", run);
        run.Findings.Exists(finding => finding.Rule is DetectionRule.GrokkingOnItsWay or DetectionRule.Grokking).ShouldBeFalse();
        run.Findings.ShouldContain(finding => finding.Rule == DetectionRule.MemorizationStays && finding.State == FindingState.Firing);
    }

    // The settings of the demo. TRAINMON_TEST_SEEDS=5 makes the table of docs/alerts.md: all rows, five seeds each.
    public static IEnumerable<TheoryDataRow<string, double, double, bool, int, bool>> Rows() =>
        new TheoryDataRow<string, double, double, bool, int, bool>[]
        {
            new("50%, decay 2", 0.5, 2, false, 300, true),
            new("random labels, decay 2", 0.5, 2, true, 360, false),
            new("40%, decay 2", 0.4, 2, false, 520, true),
            new("random labels, decay 0.5", 0.5, 0.5, true, 1000, false),
            new("50%, decay 0", 0.5, 0, false, 1000, false),
            new("15%, decay 2", 0.15, 2, false, 1600, false),
        }.Take(TestSeeds.Count > 1 ? 6 : 2);

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_settings_of_the_demo_mod_59(string name, double share, double decay, bool randomLabels, int steps, bool groks)
    {
        for (var seed = 0; seed < TestSeeds.Count; seed++)
        {
            var run = Run(new ModularAddition(59, share, decay, seed, randomLabels, hidden: 200), steps);
            Write($"p 59, {name}, seed {seed}", run);
            var fired = run.Findings.Find(finding => finding is { Rule: DetectionRule.GrokkingOnItsWay, State: FindingState.Firing });
            if (groks)
            {
                fired.ShouldNotBeNull().Step.ShouldBeLessThan(run.Accuracy20);
            }
            else
            {
                fired.ShouldBeNull();
            }
        }
    }

    private void Write(string name, (long Accuracy20, List<Finding> Findings) run) =>
        output.WriteLine($"{name}: held-out accuracy 20% at {(run.Accuracy20 == long.MaxValue ? "never" : run.Accuracy20)}; "
            + string.Join("; ", run.Findings.Select(finding => $"{finding.Step} {DetectionRules.Name(finding.Rule)} {finding.State}: {finding.Summary}")));

    private static (long Accuracy20, List<Finding> Findings) Run(ModularAddition trainer, int steps)
    {
        var analysis = new RunAnalysis(trainer.Configuration);
        analysis.SetLayers(["net"]);
        var findings = new List<Finding>();
        var accuracy20 = long.MaxValue;
        for (var t = 0; t < steps; t++)
        {
            trainer.Next();
            analysis.Apply(trainer.Step);
            findings.AddRange(analysis.Findings);
            accuracy20 = accuracy20 == long.MaxValue && t % 10 == 0 && trainer.HeldOutAccuracy() > 0.2 ? t : accuracy20;
        }

        return (accuracy20, findings);
    }
}
