namespace TrainingMonitor.Cli.Attaching;

/// <summary>What needs /proc, Unix sockets with credentials, and signals.</summary>
internal static class LinuxOnly
{
    /// <summary>For another system.</summary>
    public static CliException Error(string command) => new(ExitCodes.Failure, $"'trainmon {command}' needs Linux. Two lines of code watch a training on any system (docs/pytorch.md).");
}
