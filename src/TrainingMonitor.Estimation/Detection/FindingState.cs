namespace TrainingMonitor.Estimation.Detection;

/// <summary>Where an alert stands.</summary>
public enum FindingState
{
    /// <summary>The condition holds, not yet long enough.</summary>
    Pending,

    /// <summary>The condition holds.</summary>
    Firing,

    /// <summary>The condition is over.</summary>
    Resolved,
}
