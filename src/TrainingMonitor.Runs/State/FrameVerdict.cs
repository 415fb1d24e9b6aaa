namespace TrainingMonitor.Runs.State;

/// <summary>What to do with a frame, by its sequence.</summary>
public enum FrameVerdict
{
    /// <summary>The next one: log and apply.</summary>
    Next,

    /// <summary>Applied before: drop and acknowledge.</summary>
    Duplicate,

    /// <summary>Something before it is missing: drop and ask for a resend.</summary>
    Gap,

    /// <summary>Its attempt is over, or its rank has said goodbye: refuse.</summary>
    Closed,
}
