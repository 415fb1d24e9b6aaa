using TrainingMonitor.Estimation.Detection.Statistics;

namespace TrainingMonitor.Evaluation.Nulls;

/// <summary>Inputs of the e-detector whose mean given the past is 0, and little else: what its bound has to hold for.</summary>
internal static class AdversarialNulls
{
    /// <summary>Names.</summary>
    public static readonly string[] Laws = ["normal", "Student 3", "volatility follows the past", "bursts", "all or nothing", "rare gains", "adversary that sees the statistic"];

    /// <summary>Mean run length up to a threshold, cut at <paramref name="limit"/> (so that the mean is a lower bound), and its standard error.</summary>
    public static (double Mean, double Error) RunLength(string law, double threshold, int runs, int limit)
    {
        var lengths = new double[runs];
        Parallel.For(0, runs, run =>
        {
            var detector = new EDetector();
            var random = new NullRandom(1000 + run);
            var (steps, last) = (0, 0.0);
            while (detector.Value < threshold && steps < limit)
            {
                last = Next(law, random, last, detector.Value, threshold);
                detector.Add(last);
                steps++;
            }

            lengths[run] = steps;
        });
        var mean = lengths.Average();
        return (mean, Math.Sqrt(lengths.Sum(length => (length - mean) * (length - mean)) / (runs - 1) / runs));
    }

    private static double Next(string law, NullRandom random, double last, double value, double threshold) => law switch
    {
        "normal" => random.Normal(),
        "Student 3" => random.Of(NullLaw.Student3),
        "volatility follows the past" => random.Normal() * (0.2 + Math.Min(2, Math.Abs(last))),
        "bursts" => random.Below(50) == 0 ? 7 * random.Of(NullLaw.Student3) : 0.2 * random.Normal(),
        "all or nothing" => AllOrNothing(random),
        "rare gains" => RareGains(random),
        _ => value < threshold / 10 ? AllOrNothing(random) : RareGains(random),
    };

    // The two ends of the cut: +2 with 0.6, −3 with 0.4.
    private static double AllOrNothing(NullRandom random) => random.Uniform() < 0.6 ? EDetector.Highest : EDetector.Lowest;

    private static double RareGains(NullRandom random) => random.Uniform() < 1.0 / 21 ? EDetector.Highest : -0.1;
}
