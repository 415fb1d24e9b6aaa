using TrainingMonitor.Estimation.Detection.Statistics;

namespace TrainingMonitor.Estimation.Detection.Grokking;

/// <summary>Where ρ is going: a straight line through the later half of its history since memorization, carried on to ρ = 1.</summary>
/// <param name="Now">The line's ρ at the last reading.</param>
/// <param name="Slope">Change of ρ a step.</param>
/// <param name="SlopeLow">Slope minus two standard errors.</param>
/// <param name="LateSlope">Slope of the last quarter: a climb that flattens has less of it.</param>
/// <param name="Remaining">Steps until the line meets 1; infinite: never.</param>
/// <param name="Soonest">Least steps the slopes that the history allows would need.</param>
/// <param name="Latest">Most steps; may be infinite.</param>
/// <param name="WindowFrom">First step of the later half.</param>
public readonly record struct ClimbForecast(
    double Now, double Slope, double SlopeLow, double LateSlope, double Remaining, double Soonest, double Latest, long WindowFrom)
{
    /// <summary>Least buckets of history, and least of them in its later half.</summary>
    public const int LeastBuckets = 8;

    private const int LeastWindow = 4;

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
        forecast = new ClimbForecast(
            half.Last, half.Slope, low, lateSlope, half.StepsTo(1), half.StepsTo(1, fastest), half.StepsTo(1, slowest), (long)steps[from]);
        return true;
    }
}
