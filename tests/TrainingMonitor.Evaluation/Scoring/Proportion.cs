using System.Globalization;
using MathNet.Numerics.Distributions;

namespace TrainingMonitor.Evaluation.Scoring;

/// <summary>k of n, with the exact binomial interval of Clopper and Pearson.</summary>
/// <param name="Count">k.</param>
/// <param name="Total">n.</param>
internal readonly record struct Proportion(int Count, int Total)
{
    private const double Tail = 0.025;

    /// <summary>k/n; NaN for none.</summary>
    public double Value => Total > 0 ? (double)Count / Total : double.NaN;

    /// <summary>Lower end at 95%.</summary>
    public double Low => Count == 0 ? 0 : Beta.InvCDF(Count, Total - Count + 1, Tail);

    /// <summary>Upper end at 95%.</summary>
    public double High => Count == Total ? 1 : Beta.InvCDF(Count + 1, Total - Count, 1 - Tail);

    /// <summary>Whether a probability lies inside the interval.</summary>
    public bool IsConsistentWith(double probability) => Low <= probability && probability <= High;

    /// <summary>How many of the values meet the condition.</summary>
    public static Proportion Of<T>(IReadOnlyCollection<T> values, Func<T, bool> condition) => new(values.Count(condition), values.Count);

    /// <inheritdoc/>
    public override string ToString() =>
        Total == 0 ? "–" : string.Create(CultureInfo.InvariantCulture, $"{Count}/{Total} = {Value:0.00} [{Low:0.00}, {High:0.00}]");
}
