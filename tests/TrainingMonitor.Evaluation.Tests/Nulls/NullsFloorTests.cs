using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Evaluation.Nulls;

namespace TrainingMonitor.Evaluation.Tests.Nulls;

/// <summary>The short version of `score nulls`: 2·10⁵ steps in all families. More alarms than a rate at the target would give in 99.9% of such runs are too many.</summary>
public sealed class NullsFloorTests(ITestOutputHelper output)
{
    private const long Steps = 200_000;

    [Fact]
    public void No_detector_raises_more_false_alarms_than_promised()
    {
        // Runs of 4000 steps: two of each family, so that all are there.
        var families = NullFamilies.All().Select(family => family with { Steps = 4000 }).ToList();
        var tallies = NullStreams.Play(families, Steps / families.Count);

        foreach (var (rule, target, rate) in NullsReport.Rates(tallies))
        {
            var expected = target * rate.Steps / 1e6;
            output.WriteLine($"{rule}: {rate.Count} in {rate.Steps} steps, target {expected:0.##}");
            rate.Count.ShouldBeLessThanOrEqualTo(MostAt(expected), rule.ToString());
        }

        tallies.Sum(tally => tally.Steps).ShouldBeGreaterThanOrEqualTo(Steps);
    }

    [Fact]
    public void Streams_are_the_same_at_every_play()
    {
        var family = NullFamilies.All().First(f => f.RestartEvery > 0) with { Steps = 1500 };

        var first = Findings(family);

        first.ShouldBe(Findings(family));
    }

    // A learning rate thirty times too high in the middle of a null stream: what the families are silent about is not that nothing could be heard.
    [Fact]
    public void A_null_stream_with_a_fault_in_it_is_not_silent()
    {
        var shocked = NullFamilies.All().First() with { Name = "shocked", Steps = 2000, Schedule = share => share is > 0.5 and < 0.52 ? 60 : 1 };

        var alarms = NullStreams.Play([shocked], shocked.Steps)[0].Alarms;

        alarms.Keys.ShouldContain(DetectionRule.SpikePrecursor);
        alarms.Keys.ShouldContain(DetectionRule.Divergence);
    }

    private static List<string> Findings(NullFamily family)
    {
        var told = new List<string>();
        NullStreams.Play([family with { Schedule = share => share > 0.9 ? 100 : 1 }], family.Steps, (_, _, finding) => told.Add($"{finding.Step}: {finding.Summary}"));
        return told;
    }

    // 99.9% quantile of a Poisson count.
    private static int MostAt(double expected)
    {
        var (count, term) = (0, Math.Exp(-expected));
        for (var sum = term; sum < 0.999; sum += term)
        {
            count++;
            term *= expected / count;
        }

        return count;
    }
}
