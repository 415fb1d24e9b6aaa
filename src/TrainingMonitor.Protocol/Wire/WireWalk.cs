namespace TrainingMonitor.Protocol.Wire;

/// <summary>Walks the fields of one serialized message. A group (no part of proto3), a cut-off field or an over-long varint fails.</summary>
internal ref struct WireWalk(ReadOnlySpan<byte> message)
{
    private readonly int length = message.Length;
    private ReadOnlySpan<byte> rest = message;

    /// <summary>Number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>Wire type of the current field.</summary>
    public int WireType { get; private set; }

    /// <summary>The current field where it is a varint; else 0.</summary>
    public ulong Value { get; private set; }

    /// <summary>Bytes of the current field where it is length-delimited; else empty.</summary>
    public ReadOnlySpan<byte> Payload { get; private set; }

    /// <summary>Where <see cref="Payload"/> starts in the message.</summary>
    public readonly int Offset => length - rest.Length - Payload.Length;

    /// <summary>The bytes are no message.</summary>
    public bool Failed { get; private set; }

    /// <summary>Goes to the next field; false at the end or on failure.</summary>
    public bool Next()
    {
        Payload = default;
        Value = 0;
        if (rest.IsEmpty || Failed)
        {
            return false;
        }

        if (!TryVarint(out var tag) || tag > uint.MaxValue || tag >> 3 == 0)
        {
            return Fail();
        }

        Field = (int)(tag >> 3);
        WireType = (int)(tag & 7);
        return WireType switch
        {
            0 => TryValue(),
            1 => TrySkip(8),
            2 => TryVarint(out var size) && size <= int.MaxValue ? TryTake((int)size) : Fail(),
            5 => TrySkip(4),
            _ => Fail(),
        };
    }

    private bool TryValue()
    {
        if (!TryVarint(out var value))
        {
            return Fail();
        }

        Value = value;
        return true;
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
