namespace TrainingMonitor.Protocol.Wire;

/// <summary>Walks the fields of one serialized message. A group (no part of proto3), a cut-off field or an over-long varint fails.</summary>
internal ref struct WireWalk(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> rest = message;

    /// <summary>Number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>Bytes of the current field where it is length-delimited; else empty.</summary>
    public ReadOnlySpan<byte> Payload { get; private set; }

    /// <summary>The bytes are no message.</summary>
    public bool Failed { get; private set; }

    /// <summary>Goes to the next field; false at the end or on failure.</summary>
    public bool Next()
    {
        Payload = default;
        if (rest.IsEmpty || Failed)
        {
            return false;
        }

        if (!TryVarint(out var tag) || tag > uint.MaxValue || tag >> 3 == 0)
        {
            return Fail();
        }

        Field = (int)(tag >> 3);
        return (tag & 7) switch
        {
            0 => TryVarint(out _) || Fail(),
            1 => TrySkip(8),
            2 => TryVarint(out var length) && length <= int.MaxValue ? TryTake((int)length) : Fail(),
            5 => TrySkip(4),
            _ => Fail(),
        };
    }

    private bool TryTake(int count)
    {
        if (count > rest.Length)
        {
            return Fail();
        }

        Payload = rest[..count];
        rest = rest[count..];
        return true;
    }

    private bool TrySkip(int count)
    {
        if (count > rest.Length)
        {
            return Fail();
        }

        rest = rest[count..];
        return true;
    }

    private bool TryVarint(out ulong value)
    {
        value = 0;
        for (var i = 0; i < 10 && i < rest.Length; i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] < 0x80)
            {
                rest = rest[(i + 1)..];
                return true;
            }
        }

        return false;
    }

    private bool Fail()
    {
        Failed = true;
        return false;
    }
}
