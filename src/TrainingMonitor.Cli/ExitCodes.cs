namespace TrainingMonitor.Cli;

/// <summary>Exit codes of every command (docs/cli.md).</summary>
public static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>It did not work; the reason is on standard error.</summary>
    public const int Failure = 1;

    /// <summary>The command line was not understood.</summary>
    public const int Usage = 2;

    /// <summary>There is no such run, file or job.</summary>
    public const int NotFound = 3;

    /// <summary>No server answers at the address.</summary>
    public const int Unreachable = 4;

    /// <summary>The server asks for a token that was not given, is wrong, or does not allow it.</summary>
    public const int Denied = 5;

    /// <summary>Ctrl-C before the end.</summary>
    public const int Interrupted = 130;
}
