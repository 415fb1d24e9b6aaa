namespace TrainingMonitor.Cli.Demo;

/// <summary>An alert that fired during the demo.</summary>
/// <param name="Rule">Rule.</param>
/// <param name="Layer">Layer; null for the whole run.</param>
/// <param name="Severity">"info", "warning" or "critical", the worst it reached.</param>
/// <param name="Step">Step at which it first fired.</param>
/// <param name="Epoch">The same in epochs; null where the epoch's length is unknown.</param>
/// <param name="Resolved">Whether it was resolved at the end.</param>
/// <param name="Summary">The sentence it fired with.</param>
public sealed record DemoAlert(string Rule, string? Layer, string Severity, ulong Step, double? Epoch, bool Resolved, string Summary);
