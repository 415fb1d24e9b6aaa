using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace TrainingMonitor.Storage.Influx.Waiting;

/// <summary>Reads what <see cref="ByteWriter"/> wrote. Everything throws <see cref="InvalidDataException"/> where the bytes are too few.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> rest = bytes;

    /// <summary>Nothing is left.</summary>
    public readonly bool IsAtEnd => rest.IsEmpty;

    public byte Byte() => Bytes(1)[0];

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Bytes(8));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));

    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Bytes(8));

    /// <summary>A number of things that take a byte each at least.</summary>
    public int Count()
    {
        var count = Int32();
        return count >= 0 && count <= rest.Length ? count : throw Damaged();
    }

    public string Text() => Encoding.UTF8.GetString(Bytes(Count()));

    public void Raw<T>(Span<T> target)
        where T : unmanaged => Bytes(MemoryMarshal.AsBytes(target).Length).CopyTo(MemoryMarshal.AsBytes(target));

    public ReadOnlySpan<byte> Bytes(int size)
    {
        if (size > rest.Length)
        {
            throw Damaged();
        }

        var taken = rest[..size];
        rest = rest[size..];
        return taken;
    }

    public static InvalidDataException Damaged() => new("A record of the spool is none of this program's.");
}
