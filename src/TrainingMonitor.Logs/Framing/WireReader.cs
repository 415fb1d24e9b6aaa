using System.Buffers.Binary;

namespace TrainingMonitor.Logs.Framing;

/// <summary>Walks over the fields of a protobuf message. Only a few fields of two foreign messages are wanted; a message that ends early just ends.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> rest = data;

    /// <summary>Number of the field read last.</summary>
    public int Field { get; private set; }

    /// <summary>Its bits, where it is a varint or has a fixed width.</summary>
    public ulong Bits { get; private set; }

    /// <summary>Its bytes, where it has a length.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>A varint as a signed number.</summary>
    public readonly long Signed => unchecked((long)Bits);

    /// <summary>A fixed64 as a double.</summary>
    public readonly double Double => BitConverter.UInt64BitsToDouble(Bits);

    /// <summary>A fixed32 as a float.</summary>
    public readonly float Single => BitConverter.UInt32BitsToSingle((uint)Bits);

    /// <summary>Goes to the next field; false at the end, or where the bytes are no message.</summary>
    public bool Next()
    {
        Bytes = default;
        if (rest.IsEmpty || !Varint(out var key) || key >> 3 is 0 or > int.MaxValue)
        {
            return false;
        }

        Field = (int)(key >> 3);
        switch (key & 7)
        {
            case 0:
                if (!Varint(out var number))
                {
                    return false;
                }

                Bits = number;
                return true;
            case 1 when rest.Length >= 8:
                Bits = BinaryPrimitives.ReadUInt64LittleEndian(rest);
                rest = rest[8..];
                return true;
            case 2 when Varint(out var length) && length <= (ulong)rest.Length:
                Bytes = rest[..(int)length];
                rest = rest[(int)length..];
                return true;
            case 5 when rest.Length >= 4:
                Bits = BinaryPrimitives.ReadUInt32LittleEndian(rest);
                rest = rest[4..];
                return true;
            default:
                return false;
        }
    }

    private bool Varint(out ulong value)
    {
        value = 0;
        for (var i = 0; i < 10 && i < rest.Length; i++)
        {
            value |= (ulong)(rest[i] & 0x7f) << (7 * i);
            if (rest[i] < 0x80)
            {
                rest = rest[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
