namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>Something that must never be.</summary>
/// <param name="Kind">What.</param>
/// <param name="RunId">Of which run.</param>
/// <param name="Evidence">One sentence with the numbers.</param>
public sealed record Violation(ViolationKind Kind, string RunId, string Evidence)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind} in {RunId}: {Evidence}";
}
