namespace TrainingMonitor.Logs.Following;

/// <summary>A log that is followed.</summary>
public interface ILogSource
{
    /// <summary>What has been recognized; null: nothing yet.</summary>
    LogFormat? Format { get; }

    /// <summary>Damaged records passed over so far.</summary>
    long Skipped { get; }

    /// <summary>Times a file was replaced or cut short and read again from its start.</summary>
    int Replaced { get; }

    /// <summary>Why a file of it cannot be read further; null: all can.</summary>
    string? Broken { get; }

    /// <summary>Reads what came since the last look, in order. Never waits.</summary>
    IEnumerable<LogEntry> Poll();
}
