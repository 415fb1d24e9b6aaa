namespace TrainingMonitor.Storage.Influx.Writing;

/// <summary>A classified answer.</summary>
/// <param name="Outcome">What it means.</param>
/// <param name="Status">HTTP status; 0: no answer came.</param>
/// <param name="Message">The server's words, or those of the failure.</param>
/// <param name="RetryAfter">How long the server asks to wait; zero: it does not say.</param>
/// <param name="Dropped">Lines the server did not take because they are older than it keeps any.</param>
public readonly record struct WriteAnswer(WriteOutcome Outcome, int Status, string Message, TimeSpan RetryAfter = default, int Dropped = 0);
