namespace TrainingMonitor.Examples;

/// <summary>A command line that was not understood; the message is one sentence for a person.</summary>
public sealed class UsageException(string message) : Exception(message);
