using System.Buffers.Binary;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Log.Files;

namespace TrainingMonitor.Storage.Postgres.Log;

/// <summary>Layout of the body of a row of the log, little endian: CRC-32C of all that follows, salted with the first position; format; then the records:
/// kind, attempt, rank, length, bytes. Their positions follow each other.</summary>
internal static class ChunkFormat
{
    public const int HeaderSize = 5;
    private const int RecordHeaderSize = 13;
    private const byte Format = 1;

    /// <summary>Size of an encoded record.</summary>
    public static int RecordSize(int bodyLength) => RecordHeaderSize + bodyLength;

    /// <summary>Writes a record.</summary>
    public static void Encode(Span<byte> target, FrameRecordKind kind, int attempt, int rank, ReadOnlySpan<byte> body)
    {
        target[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(target[1..], attempt);
        BinaryPrimitives.WriteInt32LittleEndian(target[5..], rank);
        BinaryPrimitives.WriteInt32LittleEndian(target[9..], body.Length);
        body.CopyTo(target[RecordHeaderSize..]);
    }

    /// <summary>Writes the header of a chunk that is complete.</summary>
    public static void Seal(Span<byte> chunk, long first)
    {
        chunk[4] = Format;
        BinaryPrimitives.WriteUInt32LittleEndian(chunk, Crc32C.Compute(chunk[4..], (uint)first));
    }

    /// <summary>The records of a chunk; they share its bytes.</summary>
    /// <exception cref="InvalidDataException">The chunk is damaged.</exception>
    public static IEnumerable<FrameRecord> Decode(string runId, long first, long last, byte[] chunk)
    {
        if (chunk.Length < HeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(chunk) != Crc32C.Compute(chunk.AsSpan(4), (uint)first))
        {
            throw Damaged(runId, first, last, "its checksum does not hold");
        }

        if (chunk[4] != Format)
        {
            throw Damaged(runId, first, last, $"it has format {chunk[4]}, which this program does not know");
        }

        return Records(runId, first, last, chunk);
    }

    private static IEnumerable<FrameRecord> Records(string runId, long first, long last, byte[] chunk)
    {
        var offset = HeaderSize;
        for (var position = first; position <= last; position++)
        {
            if (chunk.Length - offset < RecordHeaderSize)
            {
                throw Damaged(runId, first, last, "it ends early");
            }

            var header = chunk.AsMemory(offset, RecordHeaderSize);
            var length = BinaryPrimitives.ReadInt32LittleEndian(header.Span[9..]);
            offset += RecordHeaderSize;
            if (length < 0 || length > chunk.Length - offset)
            {
                throw Damaged(runId, first, last, "it ends early");
            }

            yield return new FrameRecord(
                position,
                (FrameRecordKind)header.Span[0],
                runId,
                BinaryPrimitives.ReadInt32LittleEndian(header.Span[1..]),
                BinaryPrimitives.ReadInt32LittleEndian(header.Span[5..]),
                chunk.AsMemory(offset, length));
            offset += length;
        }
    }

    private static InvalidDataException Damaged(string runId, long first, long last, string why) =>
        new($"The log of run {runId} is damaged at positions {first} to {last}: {why}.");
}
