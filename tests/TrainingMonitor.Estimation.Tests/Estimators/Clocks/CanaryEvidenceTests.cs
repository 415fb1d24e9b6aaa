using TrainingMonitor.Estimation.Estimators.Clocks;

namespace TrainingMonitor.Estimation.Tests.Estimators.Clocks;

public sealed class CanaryEvidenceTests
{
    private const int Canaries = 16;

    /// <summary>The mean of E over every draw of labels is 1: enumerated, not simulated.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(13)]
    public void The_e_value_of_a_pass_has_mean_one_over_all_labels(int choices)
    {
        var bins = Math.Min(choices, 10);
        double sum = 0, draws = 0;
        for (var a = 0; a < choices; a++)
        {
            for (var b = 0; b < choices; b++)
            {
                for (var c = 0; c < choices; c++)
                {
                    var counts = new long[bins];
                    counts[a * bins / choices]++;
                    counts[b * bins / choices]++;
                    counts[c * bins / choices]++;
                    sum += Math.Exp(CanaryEvidence.LogOfPass(counts, choices));
                    draws++;
                }
            }
        }

        (sum / draws).ShouldBe(1, 1e-12);
    }

    /// <summary>The same labels are looked at again and again by a network that moves little: the hardest case for a promise over a whole run.</summary>
    [Theory]
    [InlineData(9, 0.0)]
    [InlineData(9, 0.05)]
    [InlineData(2, 0.1)]
    [InlineData(999, 1.0)]
    public void Runs_that_memorize_nothing_alarm_at_most_at_the_level(int choices, double moves)
    {
        const int Runs = 4000, Passes = 60;
        const double Level = 0.01;
        var random = new Random(choices);
        var alarms = 0;
        for (var run = 0; run < Runs; run++)
        {
            var ranks = Enumerable.Range(0, Canaries).Select(_ => random.Next(choices)).ToArray();
            var evidence = default(CanaryEvidence);
            for (var pass = 0; pass < Passes; pass++)
            {
                var counts = new long[Math.Min(choices, 10)];
                for (var i = 0; i < Canaries; i++)
                {
                    ranks[i] = random.NextDouble() < moves ? random.Next(choices) : ranks[i];
                    counts[(long)ranks[i] * counts.Length / choices]++;
                }

                evidence.Add(counts, choices);
            }

            alarms += evidence.LogValue >= -Math.Log(Level) ? 1 : 0;
        }

        // Four standard errors above the level would be 0.0163.
        ((double)alarms / Runs).ShouldBeLessThan(0.0163);
    }

    [Fact]
    public void Labels_known_by_heart_are_told_in_their_first_pass()
    {
        var evidence = default(CanaryEvidence);
        evidence.LogValue.ShouldBe(double.NegativeInfinity);
        evidence.Add([Canaries, 0, 0, 0, 0, 0, 0, 0, 0], 9);

        // 16 ln(9 q) − ln 4 − ln 2, q near 1 for the strongest lean.
        evidence.LogValue.ShouldBeInRange(20, Canaries * Math.Log(9));
        var one = evidence.LogValue;
        evidence.Add([2, 2, 2, 2, 2, 2, 2, 1, 1], 9);
        evidence.LogValue.ShouldBeGreaterThan(one, "the mean only grows");
        evidence.Passes.ShouldBe(2);
    }
}
