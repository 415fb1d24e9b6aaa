namespace TrainingMonitor.Estimation.Detection;

/// <summary>How urgent a finding is; the numbers are those of the wire contract.</summary>
public enum FindingSeverity
{
    /// <summary>Good to know.</summary>
    Info = 1,

    /// <summary>Look at it.</summary>
    Warning = 2,

    /// <summary>Act.</summary>
    Critical = 3,
}
