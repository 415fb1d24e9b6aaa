using System.Buffers.Binary;
using System.Text;

namespace TrainingMonitor.Estimation.State;

/// <summary>Reads what <see cref="StateWriter"/> wrote. Throws <see cref="InvalidDataException"/> where the bytes end early or a length is absurd.</summary>
public ref struct StateReader(ReadOnlySpan<byte> input)
{
    private ReadOnlySpan<byte> rest = input;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => rest.Length;

    /// <summary>Reads 8 bytes.</summary>
    public double ReadDouble() => BitConverter.Int64BitsToDouble(ReadInt64());

    /// <summary>Reads 8 bytes.</summary>
    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    /// <summary>Reads 4 bytes.</summary>
    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    /// <summary>Reads 1 byte.</summary>
    public bool ReadBoolean() => Take(1)[0] switch
    {
        0 => false,
        1 => true,
        var other => throw new InvalidDataException($"State has {other} where a boolean belongs."),
    };

    /// <summary>Reads a length and UTF-8.</summary>
    public string ReadString() => Encoding.UTF8.GetString(ReadBytes());

    /// <summary>Reads a length and the bytes.</summary>
    public ReadOnlySpan<byte> ReadBytes() => Take(ReadInt32());

    /// <summary>Reads a length, which must be that of <paramref name="values"/>, and the values.</summary>
    public void Read(scoped Span<double> values)
    {
        var length = ReadInt32();
        if (length != values.Length)
        {
            throw new InvalidDataException($"State has {length} values where {values.Length} belong.");
        }

        for (var i = 0; i < values.Length; i++)
        {
            values[i] = ReadDouble();
        }
    }

    /// <summary>Reads a length and the values.</summary>
    public double[] ReadDoubles()
    {
        var length = ReadInt32();
        if (length < 0 || length > rest.Length / 8)
        {
            throw new InvalidDataException($"State says {length} values but {rest.Length} bytes are left.");
        }

        var values = new double[length];
        for (var i = 0; i < length; i++)
        {
            values[i] = ReadDouble();
        }

        return values;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > rest.Length)
        {
            throw new InvalidDataException($"State ends early: {count} bytes wanted, {rest.Length} left.");
        }

        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
