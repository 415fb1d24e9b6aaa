using MathNet.Numerics.Distributions;

namespace TrainingMonitor.Evaluation.Scoring;

/// <summary>How well scores tell positive runs from negative ones.</summary>
internal static class Ranking
{
    private const int Resamples = 1000;
    private const double Tail = 0.025;

    /// <summary>Area under the ROC curve, the probability that a positive run scores above a negative one (ties count half), with the interval of DeLong,
    /// DeLong and Clarke-Pearson (1988) on the logit scale. Where the classes are wholly apart that interval has no width: then the far end is the exact
    /// binomial one for no error in the smaller class.</summary>
    public static Estimate Auroc(IReadOnlyCollection<ScoredRun> runs)
    {
        double[] positive = [.. runs.Where(r => r.Positive).Select(r => r.Score)], negative = [.. runs.Where(r => !r.Positive).Select(r => r.Score)];
        if (positive.Length == 0 || negative.Length == 0)
        {
            return Estimate.None;
        }

        double[] above = [.. positive.Select(p => negative.Average(n => Wins(p, n)))];
        double[] below = [.. negative.Select(n => positive.Average(p => Wins(p, n)))];
        var area = above.Average();
        var variance = Variance(above) / positive.Length + (Variance(below) / negative.Length);
        if (area is <= 0 or >= 1 || !(variance > 0))
        {
            var smaller = Math.Min(positive.Length, negative.Length);
            var slack = 1 - Math.Pow(2 * Tail, 1.0 / smaller);
            return area >= 0.5 ? new Estimate(area, 1 - slack, 1) : new Estimate(area, 0, slack);
        }

        var logit = Math.Log(area / (1 - area));
        var half = Normal.InvCDF(0, 1, 1 - Tail) * Math.Sqrt(variance) / (area * (1 - area));
        return new Estimate(area, Logistic(logit - half), Logistic(logit + half));
    }

    /// <summary>Area under the precision-recall curve (average precision; runs of equal score enter together), with a bootstrap interval over runs.</summary>
    public static Estimate Auprc(IReadOnlyList<ScoredRun> runs)
    {
        if (!runs.Any(r => r.Positive))
        {
            return Estimate.None;
        }

        var random = new Random(1);
        var samples = new List<double>(Resamples);
        for (var i = 0; i < Resamples; i++)
        {
            ScoredRun[] sample = [.. runs.Select(_ => runs[random.Next(runs.Count)])];
            if (sample.Any(r => r.Positive))
            {
                samples.Add(AveragePrecision(sample));
            }
        }

        samples.Sort();
        return new Estimate(AveragePrecision(runs), samples[(int)(Tail * samples.Count)], samples[(int)((1 - Tail) * (samples.Count - 1))]);
    }

    /// <summary>Points (false positive rate, true positive rate) of the ROC curve, from (0, 0) to (1, 1).</summary>
    public static IReadOnlyList<(double FalsePositive, double TruePositive)> RocCurve(IReadOnlyCollection<ScoredRun> runs)
    {
        double positives = runs.Count(r => r.Positive), negatives = runs.Count - positives;
        var points = new List<(double, double)> { (0, 0) };
        int hits = 0, misses = 0;
        foreach (var level in runs.GroupBy(r => r.Score).OrderByDescending(g => g.Key))
        {
            hits += level.Count(r => r.Positive);
            misses += level.Count(r => !r.Positive);
            points.Add((misses / negatives, hits / positives));
        }

        return points;
    }

    /// <summary>Largest true positive rate at a false positive rate of at most the given one.</summary>
    public static double TruePositiveRateAt(IReadOnlyCollection<ScoredRun> runs, double falsePositiveRate) =>
        RocCurve(runs).Where(p => p.FalsePositive <= falsePositiveRate).Max(p => p.TruePositive);

    private static double AveragePrecision(IReadOnlyCollection<ScoredRun> runs)
    {
        double positives = runs.Count(r => r.Positive), area = 0;
        int hits = 0, seen = 0;
        foreach (var level in runs.GroupBy(r => r.Score).OrderByDescending(g => g.Key))
        {
            var found = level.Count(r => r.Positive);
            hits += found;
            seen += level.Count();
            area += found / positives * hits / seen;
        }

        return area;
    }

    private static double Wins(double positive, double negative) => positive > negative ? 1 : positive < negative ? 0 : 0.5;

    private static double Variance(double[] values)
    {
        var mean = values.Average();
        return values.Length > 1 ? values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) : 0;
    }

    private static double Logistic(double x) => 1 / (1 + Math.Exp(-x));
}
