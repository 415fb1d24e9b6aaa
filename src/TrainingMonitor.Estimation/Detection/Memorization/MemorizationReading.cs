namespace TrainingMonitor.Estimation.Detection.Memorization;

/// <summary>Where the memorization detector stands after a step.</summary>
/// <param name="StandardGain">The gain on fresh examples that the step completed, in running scales; NaN where it completed none.</param>
/// <param name="Evidence">Nats of evidence that fresh examples are harmed; an alarm at average run length A needs ln A.</param>
/// <param name="Material">How large the harm is against what an alarm needs: at 1 and above it is material.</param>
public readonly record struct MemorizationReading(double StandardGain, double Evidence, double Material)
{
    /// <summary>Nothing could be read.</summary>
    public static MemorizationReading None => new(double.NaN, 0, 0);
}
