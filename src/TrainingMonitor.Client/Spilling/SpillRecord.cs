using System.Buffers.Binary;
using System.IO.Hashing;

namespace TrainingMonitor.Client.Spilling;

/// <summary>One record of a spill file: length (4 bytes), CRC-32 of the rest (4), sequence (8), the frame; little endian.</summary>
internal static class SpillRecord
{
    /// <summary>Bytes before the frame.</summary>
    public const int HeaderBytes = 16;

    /// <summary>Largest frame that a record may hold; a longer length is damage.</summary>
    public const int MaxFrameBytes = 64 << 20;

    /// <summary>Fills in the header of a record whose frame is in place.</summary>
    public static void Write(Span<byte> record, ulong sequence, ReadOnlySpan<byte> frame)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record, frame.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(record[8..], sequence);
        frame.CopyTo(record[HeaderBytes..]);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Crc32.HashToUInt32(record[8..(HeaderBytes + frame.Length)]));
    }

    /// <summary>Length and sequence; false where the header is damaged.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> header, out int length, out ulong sequence)
    {
        length = BinaryPrimitives.ReadInt32LittleEndian(header);
        sequence = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
        return length is >= 0 and <= MaxFrameBytes;
    }

    /// <summary>Whether a whole record is as it was written.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> record) =>
        Crc32.HashToUInt32(record[8..]) == BinaryPrimitives.ReadUInt32LittleEndian(record[4..]);
}
