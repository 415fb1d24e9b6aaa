using System.Buffers.Binary;
using TrainingMonitor.Storage.Log.Files;

namespace TrainingMonitor.Storage.Recording;

/// <summary>Header of a recording: magic, version, salt, run id length, CRC-32C of the header with the run id, run id.</summary>
internal static class RecordingFormat
{
    public const int FixedHeaderSize = 24;
    public const uint Version = 1;

    /// <summary>Kind of the record that ends a whole recording; its attempt and rank are 0, its body the number of records.</summary>
    public const byte EndKind = 255;

    public static ReadOnlySpan<byte> Magic => "TMRECORD"u8;

    public static byte[] Header(string runId, uint salt)
    {
        var runIdBytes = RecordFormat.Utf8.GetByteCount(runId);
        if (runIdBytes is 0 or > RecordFormat.MaxRunId)
        {
            throw new ArgumentException($"A run id has 1 to {RecordFormat.MaxRunId} bytes of UTF-8.", nameof(runId));
        }

        var header = new byte[FixedHeaderSize + runIdBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), salt);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), runIdBytes);
        RecordFormat.Utf8.GetBytes(runId, header.AsSpan(FixedHeaderSize));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(20), HeaderCrc(header));
        return header;
    }

    public static uint HeaderCrc(ReadOnlySpan<byte> header) => Crc32C.Compute(header[FixedHeaderSize..], Crc32C.Compute(header[..20]));
}
