namespace TrainingMonitor.Relay.Frames;

/// <summary>The other side does not keep to docs/relay.md. The message is for a person.</summary>
public sealed class FrameException : Exception
{
    /// <summary>Ends the connection.</summary>
    public FrameException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
