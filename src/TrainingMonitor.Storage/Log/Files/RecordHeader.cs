namespace TrainingMonitor.Storage.Log.Files;

/// <summary>Header of a record as read.</summary>
internal readonly record struct RecordHeader(uint Crc, int BodyLength, int RunIdBytes, byte Kind, long Position, int Attempt, int Rank)
{
    public int Size => RecordFormat.Size(RunIdBytes, BodyLength);
}
