using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Statistics;

/// <summary>Forecast of the next value of a series with a slow trend: double exponential smoothing (Brown 1963). Follows a straight line without lag, where a
/// single exponential mean stays behind a falling series for ever.</summary>
public struct TrendForecast
{
    private double once;
    private double twice;
    private bool begun;

    /// <summary>Value − forecast, then takes the value in at a rate in (0, 1); 0 for the first value and for a value that is not a number.</summary>
    public double Surprise(double value, double rate)
    {
        if (!double.IsFinite(value))
        {
            return 0;
        }

        if (!begun)
        {
            (once, twice, begun) = (value, value, true);
            return 0;
        }

        var surprise = value - ((2 * once) - twice + (rate / (1 - rate) * (once - twice)));
        once += rate * (value - once);
        twice += rate * (once - twice);
        return surprise;
    }

    /// <summary>Writes the state.</summary>
    public readonly void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(once);
        writer.Write(twice);
        writer.Write(begun);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public static TrendForecast Load(ref StateReader reader) => new() { once = reader.ReadDouble(), twice = reader.ReadDouble(), begun = reader.ReadBoolean() };
}
