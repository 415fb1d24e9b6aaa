using Spectre.Console;

namespace TrainingMonitor.Cli;

/// <summary>Everything a command touches of the outside, so that tests can stand in for it.</summary>
public sealed record CliContext
{
    private const int RedirectedWidth = 4096;

    /// <summary>Standard output for people.</summary>
    public required IAnsiConsole Console { get; init; }

    /// <summary>Standard output for programs: with <c>--json</c> nothing else is written to it.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Standard error.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Environment variables.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The process's own console.</summary>
    public static CliContext OfProcess()
    {
        if (System.Console.IsOutputRedirected)
        {
            // Nothing is wrapped in a file or pipe, so that a line stays a line.
            AnsiConsole.Profile.Width = RedirectedWidth;
        }

        return new CliContext { Console = AnsiConsole.Console, Output = System.Console.Out, Error = System.Console.Error };
    }
}
