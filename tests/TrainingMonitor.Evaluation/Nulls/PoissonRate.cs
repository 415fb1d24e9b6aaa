using System.Globalization;
using MathNet.Numerics.Distributions;

namespace TrainingMonitor.Evaluation.Nulls;

/// <summary>k events in so many steps, as a rate per 10⁶ with the exact Poisson interval (Garwood).</summary>
/// <param name="Count">k.</param>
/// <param name="Steps">Steps.</param>
internal readonly record struct PoissonRate(int Count, long Steps)
{
    private const double Tail = 0.025;
    private const double Unit = 1e6;

    /// <summary>Events per 10⁶ steps.</summary>
    public double Value => Unit * Count / Steps;

    /// <summary>Lower end at 95%.</summary>
    public double Low => Count == 0 ? 0 : Unit * Gamma.InvCDF(Count, 1, Tail) / Steps;

    /// <summary>Upper end at 95%.</summary>
    public double High => Unit * Gamma.InvCDF(Count + 1, 1, 1 - Tail) / Steps;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value:0.##} [{Low:0.##}, {High:0.##}]");
}
