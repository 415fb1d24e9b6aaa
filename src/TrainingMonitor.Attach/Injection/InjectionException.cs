namespace TrainingMonitor.Attach.Injection;

/// <summary>The payload could not be brought in. The process goes on as before. The message is for a person.</summary>
public sealed class InjectionException : Exception
{
    /// <summary>Says why.</summary>
    public InjectionException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
