using System.Buffers.Binary;

namespace TrainingMonitor.Logs.Framing;

/// <summary>TFRecord: length (u64), its masked CRC-32C, data, its masked CRC-32C, all little endian. A wrong length cannot be passed over; wrong data can.</summary>
internal sealed class TfRecordFraming : IFraming
{
    private const int Header = 12, Footer = 4, MaxRecord = 256 << 20;
    private readonly ByteQueue queue = new();

    /// <inheritdoc/>
    public long Skipped { get; private set; }

    /// <inheritdoc/>
    public string? Broken { get; private set; }

    /// <summary>Whether a file begins with a whole header.</summary>
    public static bool Begins(ReadOnlySpan<byte> data) =>
        data.Length >= Header && BinaryPrimitives.ReadUInt32LittleEndian(data[8..]) == Crc32C.Masked(data[..8]);

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<byte> data)
    {
        if (Broken is null)
        {
            queue.Append(data);
        }
    }

    /// <inheritdoc/>
    public bool TryRead(out byte[] record)
    {
        record = [];
        while (Broken is null && queue.Waiting.Length >= Header)
        {
            var waiting = queue.Waiting;
            var length = BinaryPrimitives.ReadUInt64LittleEndian(waiting);
            if (!Begins(waiting) || length > MaxRecord)
            {
                Broken = "the length of a record is damaged";
                return false;
            }

            var size = (int)length;
            if (waiting.Length < Header + size + Footer)
            {
                return false;
            }

            var data = waiting.Slice(Header, size);
            var good = BinaryPrimitives.ReadUInt32LittleEndian(waiting[(Header + size)..]) == Crc32C.Masked(data);
            record = good ? data.ToArray() : record;
            queue.Advance(Header + size + Footer);
            if (good)
            {
                return true;
            }

            Skipped++;
        }

        return false;
    }
}
