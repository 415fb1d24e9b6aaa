using TrainingMonitor.Estimation.Detection.Statistics;

namespace TrainingMonitor.Estimation.Detection.Grokking;

/// <summary>Where ρ is going: a straight line through the later half of its history since memorization, carried on to ρ = 1.</summary>
/// <param name="Now">The line's ρ at the last reading.</param>
/// <param name="Slope">Change of ρ a step.</param>
/// <param name="SlopeLow">Slope minus two standard errors.</param>
/// <param name="LateSlope">Slope of the last quarter: a climb that flattens has less of it.</param>
/// <param name="Remaining">Steps until the line meets 1; infinite: never.</param>
/// <param name="Soonest">Least steps, for a climb that speeds up.</param>
/// <param name="Latest">Most steps, for one that slows down; may be infinite.</param>
/// <param name="WindowFrom">First step of the later half.</param>
public readonly record struct ClimbForecast(
    double Now, double Slope, double SlopeLow, double LateSlope, double Remaining, double Soonest, double Latest, long WindowFrom)
{
    /// <summary>Least buckets of history, and least of them in its later half.</summary>
    public const int LeastBuckets = 8;

    private const int LeastWindow = 4;

    // Climbs bend both ways, which the residuals of a line do not know: over 36 runs the true crossing came after 0.5 to 2.0 times the steps
    // forecast, except in 5 of 6 with p = 23 (2.8 to 6.7 times), so the interval reaches from 0.4 to 2.5 times.
    private const double SoonestShare = 0.4;
    private const double LatestShare = 2.5;

    /// <summary>Fits; false where the history is too short.</summary>
    public static bool TryFit(TrendBuffer history, long since, long step, out ClimbForecast forecast)
    {
        ArgumentNullException.ThrowIfNull(history);
        forecast = default;
        var steps = history.Steps;
        var values = history.Values;
        var from = 0;
        var middle = since + (0.5 * (step - since));
        while (from < steps.Length && steps[from] < middle)
        {
            from++;
        }

        if (steps.Length < LeastBuckets || steps.Length - from < LeastWindow)
        {
            return false;
        }

        var half = LinearTrend.Fit(steps[from..], values[from..]);
        var late = from + ((steps.Length - from) / 2);
        var lateSlope = steps.Length - late >= 3 ? LinearTrend.Fit(steps[late..], values[late..]).Slope : half.Slope;
        var whole = LinearTrend.Fit(steps, values).Slope;
        var low = half.Slope - (2 * half.StandardError);
        var fastest = Math.Max(Math.Max(half.Slope + (2 * half.StandardError), lateSlope), whole);
        var slowest = Math.Min(low, lateSlope);
        var remaining = half.StepsTo(1);
        var soonest = Math.Min(SoonestShare * remaining, half.StepsTo(1, fastest));
        var latest = Math.Max(LatestShare * remaining, half.StepsTo(1, slowest));
        forecast = new ClimbForecast(half.Last, half.Slope, low, lateSlope, remaining, soonest, latest, (long)steps[from]);
        return true;
    }
}
