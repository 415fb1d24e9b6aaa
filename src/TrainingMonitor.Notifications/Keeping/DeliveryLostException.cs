namespace TrainingMonitor.Notifications.Keeping;

/// <summary>Another node delivers alerts now; nothing of what was tried has been written.</summary>
public sealed class DeliveryLostException() : InvalidOperationException("Another node delivers alerts now.");
