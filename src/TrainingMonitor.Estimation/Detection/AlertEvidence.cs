namespace TrainingMonitor.Estimation.Detection;

/// <summary>What one transition rests on.</summary>
/// <param name="Value">Value of the rule's statistic.</param>
/// <param name="Threshold">What it was compared with.</param>
/// <param name="WindowFrom">First step looked at.</param>
/// <param name="Summary">One plain sentence with the numbers.</param>
public readonly record struct AlertEvidence(double Value, double Threshold, long WindowFrom, string Summary)
{
    /// <summary>Statistics that would have helped and were absent.</summary>
    public IReadOnlyList<string>? Missing { get; init; }

    /// <summary>Other numbers by name.</summary>
    public IReadOnlyDictionary<string, double>? Values { get; init; }
}
