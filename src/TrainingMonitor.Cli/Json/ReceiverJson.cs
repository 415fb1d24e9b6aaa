namespace TrainingMonitor.Cli.Json;

/// <summary>A receiver of alerts; the numbers count from the server's start.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Waiting">Notifications that wait for it.</param>
/// <param name="Sent">Delivered.</param>
/// <param name="Failed">Refused for good.</param>
/// <param name="Retried">Attempts made again.</param>
/// <param name="Dropped">Given up.</param>
/// <param name="Silenced">Kept back by a silence.</param>
/// <param name="LastError">Why the newest attempt failed; empty: it did not.</param>
public sealed record ReceiverJson(string Name, string Kind, int Waiting, long Sent, long Failed, long Retried, long Dropped, long Silenced, string LastError);
