namespace TrainingMonitor.Benchmarks.Scale.Plan;

/// <summary>One thing that can be used up.</summary>
/// <param name="Name">What.</param>
/// <param name="Needed">How much the plan needs.</param>
/// <param name="There">How much there is.</param>
/// <param name="Unit">Of both.</param>
public sealed record Resource(string Name, double Needed, double There, string Unit)
{
    /// <summary>Share in use; above 1 it does not suffice.</summary>
    public double Use => Needed / There;
}
