using System.CommandLine;

namespace TrainingMonitor.Cli.Commands;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    /// <summary>Machine-readable output.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Write JSON, and nothing else, to standard output." };

    /// <summary>The run a command is about.</summary>
    public static Argument<string> Run() => new("RUN") { Description = "Run id, or the start of one, or 'last' for the newest." };
}
