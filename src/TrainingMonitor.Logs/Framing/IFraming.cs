namespace TrainingMonitor.Logs.Framing;

/// <summary>Cuts a stream of bytes into records.</summary>
internal interface IFraming
{
    /// <summary>Records skipped because their checksum was wrong.</summary>
    long Skipped { get; }

    /// <summary>Why nothing more can be read from this file; null: it can.</summary>
    string? Broken { get; }

    /// <summary>Adds bytes of the file.</summary>
    void Append(ReadOnlySpan<byte> data);

    /// <summary>The next whole record; false: wait for more bytes.</summary>
    bool TryRead(out byte[] record);
}
