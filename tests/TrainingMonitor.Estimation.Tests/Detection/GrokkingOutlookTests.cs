using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Detection.Grokking;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Estimation.Tests.Detection;

public sealed class GrokkingOutlookTests
{
    private static readonly RunConfiguration FullBatch = new() { Sampling = SamplingScheme.FullBatch, DatasetSize = 1000, BatchSize = 1000 };

    [Fact]
    public void Before_memorization_there_is_nothing_to_say()
    {
        var outlook = new GrokkingOutlook();
        Train(outlook, 50, _ => 0.3).ShouldBeEmpty();
        outlook.Since.ShouldBe(-1);
        outlook.Score.ShouldBe(0, 1e-12);
    }

    [Fact]
    public void A_climb_scores_above_a_flat_level_and_a_level_near_one_that_never_climbed()
    {
        double climb = Last(t => 0.3 + (0.001 * Math.Max(0, t - 100))), flat = Last(_ => 0.4), near = Last(t => t < 100 ? 0.97 : 1.01);
        flat.ShouldBe(0, 1e-12);
        climb.ShouldBeGreaterThan(2 * near);
    }

    [Fact]
    public void A_steeper_climb_scores_higher() =>
        Last(t => 0.3 + (0.002 * Math.Max(0, t - 100))).ShouldBeGreaterThan(Last(t => 0.3 + (0.0005 * Math.Max(0, t - 100))));

    private static double Last(Func<long, double> ratio) => Train(new GrokkingOutlook(), 400, ratio)[^1];

    // Fits the training set near step 80.
    private static List<double> Train(GrokkingOutlook outlook, int steps, Func<long, double> ratio)
    {
        var scores = new List<double>();
        var values = new double[SeriesCatalog.RunCount];
        for (var step = 0; step < steps; step++)
        {
            Array.Fill(values, double.NaN);
            values[(int)RunSeries.Loss] = 0.01 + (4 * Math.Exp(-step / 30.0));
            values[(int)RunSeries.Accuracy] = Math.Min(1, step / 80.0);
            values[(int)RunSeries.LooRatio] = ratio(step);
            if (outlook.Add(new DetectorContext(null, values, [], [], FullBatch) { Step = step }))
            {
                scores.Add(outlook.Score);
            }
        }

        return scores;
    }
}
