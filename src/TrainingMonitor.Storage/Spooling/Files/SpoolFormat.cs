using System.Buffers.Binary;
using TrainingMonitor.Storage.Log.Files;

namespace TrainingMonitor.Storage.Spooling.Files;

/// <summary>Layout of a record, little endian: magic, CRC-32C of the next 16 bytes, body length, lines, sequence, CRC-32C of the body; then the body. The header has
/// a CRC of its own, so that damage to a body does not hide where the next record begins.</summary>
internal static class SpoolFormat
{
    public const int HeaderSize = 28;
    private const uint Magic = 0x50534D54;

    public static ReadOnlySpan<byte> MagicBytes => "TMSP"u8;

    public static void WriteHeader(Span<byte> target, ReadOnlySpan<byte> body, int lines, long sequence)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], body.Length);
        BinaryPrimitives.WriteInt32LittleEndian(target[12..], lines);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(target[24..], Crc32C.Compute(body));
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], Crc32C.Compute(target[8..HeaderSize]));
    }

    /// <summary>False: this is no header.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out SpoolHeader header)
    {
        header = default;
        if (source.Length < HeaderSize
            || BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(source[4..]) != Crc32C.Compute(source[8..HeaderSize]))
        {
            return false;
        }

        header = new SpoolHeader(
            BinaryPrimitives.ReadInt32LittleEndian(source[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[24..]));
        return header.Length >= 0;
    }
}
