namespace TrainingMonitor.Attach.Checks;

/// <summary>How a check stands.</summary>
public enum AttachVerdict
{
    /// <summary>All is well.</summary>
    Ok,

    /// <summary>Only with a person's consent.</summary>
    Ask,

    /// <summary>Not possible, or not safe.</summary>
    Refused,
}
