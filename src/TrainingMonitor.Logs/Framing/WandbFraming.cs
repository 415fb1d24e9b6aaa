using System.Buffers.Binary;
using System.IO.Hashing;

namespace TrainingMonitor.Logs.Framing;

/// <summary>
/// The framing of <c>.wandb</c> files: a file header of 7 bytes, then LevelDB's log format in blocks of 32 KiB (fragments with CRC, length and kind; a block's last bytes
/// are padding where no fragment fits), with the plain IEEE CRC-32 of kind and data. A damaged fragment costs the rest of its block at most.
/// </summary>
internal sealed class WandbFraming : IFraming
{
    private const int FileHeader = 7, Block = 32768, Header = 7, MaxRecord = 256 << 20;
    private const byte Full = 1, First = 2, Middle = 3, Last = 4;
    private readonly ByteQueue queue = new();
    private readonly List<byte> fragments = [];
    private long position;
    private bool inRecord;

    /// <inheritdoc/>
    public long Skipped { get; private set; }

    /// <inheritdoc/>
    public string? Broken { get; private set; }

    /// <summary>Whether a file begins as these do.</summary>
    public static bool Begins(ReadOnlySpan<byte> data) => data.Length >= 6 && data.StartsWith(":W&B"u8) && data[4] == 0xE1 && data[5] == 0xBE;

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
        while (Broken is null)
        {
            if (position == 0)
            {
                if (queue.Waiting.Length < FileHeader)
                {
                    return false;
                }

                Broken = Begins(queue.Waiting) ? null : "it does not begin as a .wandb file";
                Take(FileHeader);
                continue;
            }

            var left = (int)(Block - (position % Block));
            var waiting = queue.Waiting;
            if (left < Header)
            {
                if (waiting.Length < left)
                {
                    return false;
                }

                Take(left);
                continue;
            }

            if (waiting.Length < Header)
            {
                return false;
            }

            int length = BinaryPrimitives.ReadUInt16LittleEndian(waiting[4..]);
            if (length > left - Header)
            {
                // The length itself is damaged: where the next block begins is sure again.
                if (waiting.Length < left)
                {
                    return false;
                }

                Lose(left);
                continue;
            }

            if (waiting.Length < Header + length)
            {
                return false;
            }

            var kind = waiting[6];
            if (BinaryPrimitives.ReadUInt32LittleEndian(waiting) != Crc32.HashToUInt32(waiting.Slice(6, length + 1)))
            {
                Lose(Header + length);
                continue;
            }

            if (Join(kind, waiting.Slice(Header, length)))
            {
                record = [.. fragments];
                fragments.Clear();
                Take(Header + length);
                return true;
            }

            Take(Header + length);
        }

        return false;
    }

    private bool Join(byte kind, ReadOnlySpan<byte> data)
    {
        var starts = kind is Full or First;
        if (starts == inRecord || kind is 0 or > Last || fragments.Count + data.Length > MaxRecord)
        {
            // A beginning inside a record, or a rest without its beginning (which was counted when it was lost).
            Skipped += inRecord ? 1 : 0;
            fragments.Clear();
            inRecord = false;
        }

        if (!starts && !inRecord)
        {
            return false;
        }

        fragments.AddRange(data);
        inRecord = kind is First or Middle;
        return !inRecord;
    }

    private void Lose(int bytes)
    {
        Skipped++;
        fragments.Clear();
        inRecord = false;
        Take(bytes);
    }

    private void Take(int bytes)
    {
        queue.Advance(bytes);
        position += bytes;
    }
}
