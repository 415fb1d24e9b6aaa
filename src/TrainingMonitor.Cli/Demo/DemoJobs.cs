namespace TrainingMonitor.Cli.Demo;

/// <summary>The jobs by name, as their program lists them. Known here too, so that a wrong name is said before anything starts.</summary>
internal static class DemoJobs
{
    /// <summary>All names, in reading order; the first is trained unless another is named.</summary>
    public static IReadOnlyList<string> Names { get; } = ["digits-noise", "digits-clean", "grokking", "random-labels", "edge-of-stability", "diverging"];

    /// <summary>The names as text.</summary>
    public static string Text { get; } = string.Join(", ", Names);

    /// <summary>The job of that name, in whatever case.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public static string Find(string name) =>
        Names.FirstOrDefault(known => string.Equals(known, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new CliException(ExitCodes.NotFound, $"There is no job '{name}': choose one of {Text}.");
}
