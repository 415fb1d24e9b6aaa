namespace TrainingMonitor.Storage.Spooling.Files;

/// <summary>Header of a record on disk.</summary>
internal readonly record struct SpoolHeader(int Length, int Lines, long Sequence, uint BodyCrc)
{
    /// <summary>Header and body.</summary>
    public long Size => SpoolFormat.HeaderSize + (long)Length;
}
