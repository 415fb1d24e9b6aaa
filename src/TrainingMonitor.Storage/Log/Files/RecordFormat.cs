using System.Buffers.Binary;
using System.Text;

namespace TrainingMonitor.Storage.Log.Files;

/// <summary>Layout of a record, little endian: magic, CRC-32C of all that follows, body length, run id length, kind, 0, position, attempt, rank; then
/// the run id in UTF-8 and the body. Each record carries its run id, so that damage to one costs no other.</summary>
internal static class RecordFormat
{
    public const int HeaderSize = 32;
    public const int MaxBody = 64 << 20;
    public const int MaxRunId = 1024;
    private const uint Magic = 0x43524D54;

    /// <summary>First byte of the magic: what a search for the next record looks for.</summary>
    public static ReadOnlySpan<byte> MagicBytes => "TMRC"u8;

    /// <summary>Strict: a run id that is not valid UTF-16 is refused rather than changed.</summary>
    public static Encoding Utf8 { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Writes a record without its CRC; <see cref="Seal"/> adds it, off the callers' lock.</summary>
    public static void Encode(Span<byte> target, byte kind, string runId, int runIdBytes, int attempt, int rank, long position, ReadOnlySpan<byte> body)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], body.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(target[12..], (ushort)runIdBytes);
        target[14] = kind;
        target[15] = 0;
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], position);
        BinaryPrimitives.WriteInt32LittleEndian(target[24..], attempt);
        BinaryPrimitives.WriteInt32LittleEndian(target[28..], rank);
        Utf8.GetBytes(runId, target[HeaderSize..]);
        body.CopyTo(target[(HeaderSize + runIdBytes)..]);
    }

    /// <summary>Size of an encoded record.</summary>
    public static int Size(int runIdBytes, int bodyLength) => HeaderSize + runIdBytes + bodyLength;

    /// <summary>Adds the CRC to the record at the start of <paramref name="records"/>; returns the record's size.</summary>
    public static int Seal(Span<byte> records, uint salt)
    {
        var size = Size(BinaryPrimitives.ReadUInt16LittleEndian(records[12..]), BinaryPrimitives.ReadInt32LittleEndian(records[8..]));
        BinaryPrimitives.WriteUInt32LittleEndian(records[4..], Crc32C.Compute(records[8..size], salt));
        return size;
    }

    /// <summary>Reads a header. False: this is no header.</summary>
    public static bool TryParse(ReadOnlySpan<byte> source, out RecordHeader header)
    {
        header = default;
        if (source.Length < HeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic)
        {
            return false;
        }

        var bodyLength = BinaryPrimitives.ReadInt32LittleEndian(source[8..]);
        var runIdBytes = BinaryPrimitives.ReadUInt16LittleEndian(source[12..]);
        if (bodyLength is < 0 or > MaxBody || runIdBytes > MaxRunId || source[15] != 0)
        {
            return false;
        }

        header = new RecordHeader(
            BinaryPrimitives.ReadUInt32LittleEndian(source[4..]),
            bodyLength,
            runIdBytes,
            source[14],
            BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[28..]));
        return true;
    }

    /// <summary>Whether the CRC of a whole record holds.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> record, in RecordHeader header, uint salt) =>
        Crc32C.Compute(record[8..header.Size], salt) == header.Crc;
}
