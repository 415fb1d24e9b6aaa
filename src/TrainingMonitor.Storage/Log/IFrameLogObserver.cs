namespace TrainingMonitor.Storage.Log;

/// <summary>Is told when its appended records are durable. Called on the log's thread: must not block.</summary>
public interface IFrameLogObserver
{
    /// <summary>Every record up to <paramref name="position"/> survives kill -9 and power loss.</summary>
    void OnDurable(long position);

    /// <summary>The log cannot write (disk full, permission): nothing later than the last durable position is promised, and the log accepts no more until it recovers.</summary>
    void OnFailed(Exception error);

    /// <summary>The run has changed hands: what was not durable never will be through this owner. A log with one owner never says so.</summary>
    void OnFenced()
    {
        // An embedded log is nobody else's.
    }
}
