namespace TrainingMonitor.Estimation.Tests.Oracle;

public enum OracleLoss
{
    /// <summary>Softmax cross-entropy, nats; targets are class numbers.</summary>
    CrossEntropy,

    /// <summary>(f − y)² of a single output.</summary>
    Squared,
}
