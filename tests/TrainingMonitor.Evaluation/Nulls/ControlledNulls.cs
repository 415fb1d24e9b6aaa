using TrainingMonitor.Estimation.Detection.Memorization;

namespace TrainingMonitor.Evaluation.Nulls;

/// <summary>Independent gains of mean 0 with a control that explains a share of their variance: the hardest null of the test behind memorization_onset, since nothing but the
/// control's own past tells its mean. In real training the noise of own is undone by the next steps, which makes the error of the forecast weigh less.</summary>
internal static class ControlledNulls
{
    /// <summary>Shares explained, R².</summary>
    public static readonly double[] Shares = [0, 0.5, 0.65, 0.8];

    /// <summary>Mean readings up to an alarm at average run length 10⁴, cut at <paramref name="limit"/>, and its standard error.</summary>
    public static (double Mean, double Error) RunLength(double share, int runs, int limit)
    {
        var lengths = new double[runs];
        Parallel.For(0, runs, run =>
        {
            var test = new FreshGainTest();
            var random = new NullRandom(5000 + run);
            Span<double> controls = [double.NaN, double.NaN, double.NaN, double.NaN];
            var steps = 0;
            while (!test.Crossed && steps < limit)
            {
                var own = random.Normal();
                controls[1] = own;
                test.Add((Math.Sqrt(share) * own) + (Math.Sqrt(1 - share) * random.Normal()), controls, steps);
                steps++;
            }

            lengths[run] = steps;
        });
        var mean = lengths.Average();
        return (mean, Math.Sqrt(lengths.Sum(length => (length - mean) * (length - mean)) / (runs - 1) / runs));
    }
}
