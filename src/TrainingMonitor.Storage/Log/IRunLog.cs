namespace TrainingMonitor.Storage.Log;

/// <summary>The log of one run in the hands of its owner: accepted inputs are appended, and count once they are durable.</summary>
public interface IRunLog
{
    /// <summary>Fencing epoch of the owner, from 1; it grows whenever the run changes hands.</summary>
    long Epoch { get; }

    /// <summary>Position of the newest appended record; 0: none.</summary>
    long LastPosition { get; }

    /// <summary>Position up to which every record of the run is durable.</summary>
    long DurablePosition { get; }

    /// <summary>Bytes that all runs of the node have appended and that are not durable yet: what credits are computed from.</summary>
    long PendingBytes { get; }

    /// <summary>Appends a record and returns its position, which is above all earlier ones of the run. Copies the body; never blocks. Thread-safe.</summary>
    /// <exception cref="IOException">The log has failed, or the run belongs to somebody else now.</exception>
    long Append(FrameRecordKind kind, int attempt, int rank, ReadOnlySpan<byte> body);
}
