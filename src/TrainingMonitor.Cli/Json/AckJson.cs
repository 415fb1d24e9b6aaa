namespace TrainingMonitor.Cli.Json;

/// <summary>Somebody looks after an alert.</summary>
/// <param name="AlertId">"run/rule" or "run/rule/layer".</param>
/// <param name="Created">Since when.</param>
/// <param name="Until">How long; absent: until it resolves.</param>
/// <param name="Comment">What is being done.</param>
/// <param name="Author">Who.</param>
public sealed record AckJson(string AlertId, DateTimeOffset Created, DateTimeOffset? Until, string Comment, string Author);
