namespace TrainingMonitor.Notifications.Delivery;

/// <summary>An attempt and its end.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Message">The receiver's words or those of the failure, without secrets; empty when delivered.</param>
/// <param name="RetryAfter">How long the receiver asks to wait; zero: it does not say.</param>
public readonly record struct DeliveryResult(DeliveryOutcome Outcome, string Message = "", TimeSpan RetryAfter = default);
