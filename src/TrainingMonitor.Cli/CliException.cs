namespace TrainingMonitor.Cli;

/// <summary>A command cannot go on. The message is one sentence for a person and says what to do.</summary>
public sealed class CliException : Exception
{
    /// <summary>Ends the command.</summary>
    public CliException(int exitCode, string message, Exception? cause = null)
        : base(message, cause) => ExitCode = exitCode;

    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; }
}
