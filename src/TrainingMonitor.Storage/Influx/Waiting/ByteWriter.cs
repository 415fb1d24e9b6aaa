using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace TrainingMonitor.Storage.Influx.Waiting;

/// <summary>A growing buffer of little-endian numbers and counted texts. Not thread-safe.</summary>
internal sealed class ByteWriter
{
    private byte[] buffer = new byte[4 << 10];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What is written.</summary>
    public ReadOnlyMemory<byte> Written => buffer.AsMemory(0, Length);

    /// <summary>Forgets what lies behind a length.</summary>
    public void CutTo(int length) => Length = length;

    public void Write(byte value) => Room(1)[0] = value;

    public void Write(int value) => BinaryPrimitives.WriteInt32LittleEndian(Room(4), value);

    public void Write(long value) => BinaryPrimitives.WriteInt64LittleEndian(Room(8), value);

    public void Write(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);

    public void Write(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Room(8), value);

    public void Write(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Room(bytes.Length));

    public void Write(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var size = Encoding.UTF8.GetByteCount(text);
        Write(size);
        Encoding.UTF8.GetBytes(text, Room(size));
    }

    /// <summary>Numbers as they lie in memory: all platforms the program runs on are little-endian.</summary>
    public void WriteRaw<T>(ReadOnlySpan<T> values)
        where T : unmanaged => Write(MemoryMarshal.AsBytes(values));

    /// <summary>Room for so many bytes, to be filled by the caller.</summary>
    public Span<byte> Room(int size)
    {
        if (buffer.Length - Length < size)
        {
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, Length + size));
        }

        Length += size;
        return buffer.AsSpan(Length - size, size);
    }
}
