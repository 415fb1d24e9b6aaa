namespace TrainingMonitor.Evaluation.Scoring;

/// <summary>A statistic over a run that alarms when it is high.</summary>
/// <param name="Steps">Ascending.</param>
/// <param name="Values">One a step; NaN: nothing known.</param>
internal sealed record AlarmTrace(IReadOnlyList<int> Steps, IReadOnlyList<double> Values)
{
    /// <summary>Highest value; negative infinity where nothing is known.</summary>
    public double Highest { get; } = Values.Where(v => !double.IsNaN(v)).DefaultIfEmpty(double.NegativeInfinity).Max();

    /// <summary>First step with a value at or above the threshold; null: never.</summary>
    public int? FirstAtLeast(double threshold)
    {
        for (var i = 0; i < Steps.Count; i++)
        {
            if (Values[i] >= threshold)
            {
                return Steps[i];
            }
        }

        return null;
    }

    /// <summary>The same with every value replaced.</summary>
    public AlarmTrace Map(Func<double, double> map) => new(Steps, [.. Values.Select(map)]);

    /// <summary>A trailing mean over a number of values: what an alarm may know.</summary>
    public AlarmTrace Smoothed(int window) =>
        new(Steps, [.. Values.Select((_, i) => Values.Skip(Math.Max(0, i - window + 1)).Take(Math.Min(window, i + 1)).Where(v => !double.IsNaN(v)).DefaultIfEmpty(double.NaN).Average())]);

    /// <summary>Each value against the lowest so far: v/min − 1.</summary>
    public AlarmTrace RiseOverLowest()
    {
        var lowest = double.PositiveInfinity;
        return Map(value =>
        {
            lowest = value < lowest ? value : lowest;
            return (value / lowest) - 1;
        });
    }
}
