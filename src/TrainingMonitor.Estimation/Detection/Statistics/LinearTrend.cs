namespace TrainingMonitor.Estimation.Detection.Statistics;

/// <summary>A straight line through points, with the standard error of its slope widened for neighbours that move together.</summary>
/// <param name="Slope">Change a step.</param>
/// <param name="StandardError">Of the slope.</param>
/// <param name="Last">The line's value at the last point.</param>
public readonly record struct LinearTrend(double Slope, double StandardError, double Last)
{
    /// <summary>Least squares through at least 3 points. The residuals' lag-1 correlation r shrinks the number of points that count by
    /// (1 − r)/(1 + r), the effective sample size of a first-order autoregression.</summary>
    public static LinearTrend Fit(ReadOnlySpan<double> steps, ReadOnlySpan<double> values)
    {
        if (steps.Length != values.Length || steps.Length < 3)
        {
            throw new ArgumentException($"A line needs 3 points and as many steps as values, not {steps.Length} and {values.Length}.", nameof(values));
        }

        double meanStep = 0, meanValue = 0;
        for (var i = 0; i < steps.Length; i++)
        {
            meanStep += steps[i] / steps.Length;
            meanValue += values[i] / steps.Length;
        }

        double sxx = 0, sxy = 0;
        for (var i = 0; i < steps.Length; i++)
        {
            sxx += (steps[i] - meanStep) * (steps[i] - meanStep);
            sxy += (steps[i] - meanStep) * (values[i] - meanValue);
        }

        var slope = sxx > 0 ? sxy / sxx : 0;
        double squares = 0, lagged = 0, previous = 0;
        for (var i = 0; i < steps.Length; i++)
        {
            var residual = values[i] - meanValue - (slope * (steps[i] - meanStep));
            squares += residual * residual;
            lagged += residual * previous;
            previous = residual;
        }

        var correlation = squares > 0 ? Math.Clamp(lagged / squares, 0, 0.95) : 0;
        var variance = squares / (steps.Length - 2) * (1 + correlation) / (1 - correlation);
        var error = sxx > 0 ? Math.Sqrt(variance / sxx) : double.PositiveInfinity;
        return new LinearTrend(slope, error, meanValue + (slope * (steps[^1] - meanStep)));
    }

    /// <summary>Steps from the last point until the line meets <paramref name="level"/>; infinite where it never does.</summary>
    public double StepsTo(double level) => StepsTo(level, Slope);

    /// <summary>The same with another slope.</summary>
    public double StepsTo(double level, double slope) =>
        Last >= level ? 0 : slope > 0 ? (level - Last) / slope : double.PositiveInfinity;
}
