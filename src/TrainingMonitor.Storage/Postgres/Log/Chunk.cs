using System.Buffers;
using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Storage.Postgres.Log;

/// <summary>Records of one run that are written as one row. Not thread-safe.</summary>
internal sealed class Chunk(long first)
{
    /// <summary>A chunk does not grow above this; a larger record is alone in one.</summary>
    public const int MaxSize = 1 << 20;

    private byte[] data = ArrayPool<byte>.Shared.Rent(4096);
    private int used = ChunkFormat.HeaderSize;

    public long First { get; } = first;

    public long Last { get; private set; } = first - 1;

    /// <summary>Bytes of its records.</summary>
    public int RecordBytes => used - ChunkFormat.HeaderSize;

    /// <summary>Whether one more record of so many bytes fits.</summary>
    public bool Fits(int size) => used == ChunkFormat.HeaderSize || used + size <= MaxSize;

    public void Add(FrameRecordKind kind, int attempt, int rank, ReadOnlySpan<byte> body)
    {
        var size = ChunkFormat.RecordSize(body.Length);
        if (used + size > data.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(used + size, data.Length * 2));
            data.AsSpan(0, used).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(data);
            data = larger;
        }

        ChunkFormat.Encode(data.AsSpan(used), kind, attempt, rank, body);
        used += size;
        Last++;
    }

    /// <summary>The bytes of the row. Nothing is added any more.</summary>
    public ReadOnlyMemory<byte> Seal()
    {
        ChunkFormat.Seal(data.AsSpan(0, used), First);
        return data.AsMemory(0, used);
    }

    /// <summary>Gives the memory back: nobody reads the row any more.</summary>
    public void Free()
    {
        ArrayPool<byte>.Shared.Return(data);
        data = [];
    }
}
