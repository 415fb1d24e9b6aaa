using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Tests.Scoring;

public sealed class RankingTests
{
    [Fact]
    public void The_area_is_the_share_of_pairs_in_order()
    {
        var runs = RandomRuns(seed: 1, count: 40, shift: 1, rounded: true);

        Ranking.Auroc(runs).Value.ShouldBe(ShareOfPairs(runs), 1e-12);
    }

    [Fact]
    public void The_area_is_that_under_the_curve()
    {
        var runs = RandomRuns(seed: 2, count: 60, shift: 0.5, rounded: true);
        var curve = Ranking.RocCurve(runs);

        var area = curve.Zip(curve.Skip(1), (a, b) => (b.FalsePositive - a.FalsePositive) * 0.5 * (a.TruePositive + b.TruePositive)).Sum();

        Ranking.Auroc(runs).Value.ShouldBe(area, 1e-12);
    }

    [Fact]
    public void The_interval_holds_the_true_area_nineteen_times_in_twenty()
    {
        const double Truth = 0.7602499389065233; // Φ(1/√2): normal scores one standard deviation apart.
        const int Trials = 400;

        var held = Enumerable.Range(0, Trials).Count(seed =>
        {
            var area = Ranking.Auroc(RandomRuns(seed, count: 80, shift: 1, rounded: false));
            return area.Low <= Truth && Truth <= area.High;
        });

        // Four standard errors around 95%.
        ((double)held / Trials).ShouldBeInRange(0.906, 0.994);
    }

    [Fact]
    public void Classes_that_are_apart_still_have_an_interval()
    {
        ScoredRun[] runs = [new(1, true), new(2, true), new(3, true), new(0, false), new(-1, false)];

        var area = Ranking.Auroc(runs);

        area.Value.ShouldBe(1);
        area.Low.ShouldBeInRange(0.1, 0.99);
    }

    [Fact]
    public void Average_precision_of_a_known_order()
    {
        ScoredRun[] runs = [new(4, true), new(3, false), new(2, true), new(1, false)];

        // 1/1 at the first positive, 2/3 at the second, each for half of the positives.
        Ranking.Auprc(runs).Value.ShouldBe((1 + (2.0 / 3)) / 2, 1e-12);
    }

    [Fact]
    public void Without_a_class_there_is_nothing_to_measure() => Ranking.Auroc([new(1, true)]).Value.ShouldBe(double.NaN);

    [Fact]
    public void The_rate_at_a_false_positive_rate_stops_before_it()
    {
        ScoredRun[] runs = [new(5, true), new(4, false), new(3, true), new(2, false), new(1, true)];

        Ranking.TruePositiveRateAt(runs, 0.4).ShouldBe(1.0 / 3, 1e-12);
        Ranking.TruePositiveRateAt(runs, 0.5).ShouldBe(2.0 / 3, 1e-12);
    }

    private static double ShareOfPairs(IReadOnlyCollection<ScoredRun> runs) =>
        (from p in runs where p.Positive from n in runs where !n.Positive select p.Score > n.Score ? 1 : p.Score.Equals(n.Score) ? 0.5 : 0).Average();

    private static ScoredRun[] RandomRuns(int seed, int count, double shift, bool rounded)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var score = MathNet.Numerics.Distributions.Normal.Sample(random, i % 2 == 0 ? shift : 0, 1);
            return new ScoredRun(rounded ? Math.Round(score, 1) : score, i % 2 == 0);
        })];
    }
}
