namespace TrainingMonitor.Logs.Framing;

/// <summary>Bytes that came and were not used up yet: a half-written record waits here for its rest.</summary>
internal sealed class ByteQueue
{
    private byte[] buffer = [];
    private int start, end;

    /// <summary>What waits.</summary>
    public ReadOnlySpan<byte> Waiting => buffer.AsSpan(start, end - start);

    /// <summary>Adds bytes.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        if (end + data.Length > buffer.Length)
        {
            var target = Waiting.Length + data.Length <= buffer.Length ? buffer : new byte[Math.Max(2 * buffer.Length, Waiting.Length + data.Length)];
            var waiting = Waiting.Length;
            Waiting.CopyTo(target);
            (buffer, start, end) = (target, 0, waiting);
        }

        data.CopyTo(buffer.AsSpan(end));
        end += data.Length;
    }

    /// <summary>Forgets the first bytes.</summary>
    public void Advance(int count) => start += count;
}
