using System.Globalization;

namespace TrainingMonitor.Evaluation.Scoring;

/// <summary>A figure with its 95% interval.</summary>
/// <param name="Value">The figure; NaN: nothing to measure.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
internal readonly record struct Estimate(double Value, double Low, double High)
{
    /// <summary>Nothing to measure.</summary>
    public static Estimate None => new(double.NaN, double.NaN, double.NaN);

    /// <inheritdoc/>
    public override string ToString() =>
        double.IsNaN(Value) ? "–" : string.Create(CultureInfo.InvariantCulture, $"{Value:0.000} [{Low:0.000}, {High:0.000}]");
}
