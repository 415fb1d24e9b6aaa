namespace TrainingMonitor.Notifications;

/// <summary>How a receiver is doing.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Waiting">Notifications that wait for it.</param>
/// <param name="Counters">What became of the others.</param>
/// <param name="LastError">Why the newest attempt failed; empty: it did not, or there was none.</param>
public sealed record ReceiverStatus(string Name, string Kind, int Waiting, ReceiverCounters Counters, string LastError);
