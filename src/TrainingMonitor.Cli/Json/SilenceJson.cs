namespace TrainingMonitor.Cli.Json;

/// <summary>A silence; empty fields match everything.</summary>
/// <param name="Id">What <c>silence remove</c> takes.</param>
/// <param name="Project">Pattern of project names.</param>
/// <param name="Run">Pattern of run ids.</param>
/// <param name="Rule">Pattern of rules.</param>
/// <param name="Layer">Pattern of layers.</param>
/// <param name="Severity">Severity.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Until">When it ends.</param>
/// <param name="Comment">Why.</param>
/// <param name="Author">Who.</param>
public sealed record SilenceJson(
    string Id, string Project, string Run, string Rule, string Layer, string Severity, DateTimeOffset Created, DateTimeOffset Until, string Comment, string Author);
