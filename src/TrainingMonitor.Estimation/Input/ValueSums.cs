namespace TrainingMonitor.Estimation.Input;

/// <summary>Count, sum and sum of squares of some values.</summary>
/// <param name="Count">Values.</param>
/// <param name="Sum">Σ x.</param>
/// <param name="SumSq">Σ x².</param>
public readonly record struct ValueSums(long Count, double Sum, double SumSq)
{
    /// <summary>Mean; NaN for none.</summary>
    public double Mean => Count > 0 ? Sum / Count : double.NaN;

    /// <summary>Standard error of the mean; NaN for fewer than two.</summary>
    public double Error => Count > 1 ? Math.Sqrt(Math.Max(0, SumSq - (Sum * Mean)) / (Count - 1) / Count) : double.NaN;

    /// <summary>Both together.</summary>
    public ValueSums Plus(ValueSums other) => new(Count + other.Count, Sum + other.Sum, SumSq + other.SumSq);
}
