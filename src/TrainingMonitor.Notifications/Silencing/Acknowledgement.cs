namespace TrainingMonitor.Notifications.Silencing;

/// <summary>Somebody looks after an alert: it is not told again until it resolves or the time is over.</summary>
/// <param name="AlertId">"run/rule" or "run/rule/layer".</param>
/// <param name="Created">When.</param>
/// <param name="Until">When it ends; null: when the alert resolves.</param>
/// <param name="Comment">What is being done.</param>
/// <param name="Author">Who.</param>
public sealed record Acknowledgement(string AlertId, DateTimeOffset Created, DateTimeOffset? Until, string Comment, string Author);
