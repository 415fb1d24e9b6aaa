using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace TrainingMonitor.Storage.Log.Files;

/// <summary>Walks the records of a segment. Where one does not hold, it goes on at the next that does.</summary>
internal sealed class RecordCursor : IDisposable
{
    private readonly SafeFileHandle handle;
    private readonly uint salt;
    private readonly long end;
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(256 << 10);
    private long bufferOffset;
    private int bufferLength;
    private long offset = Segment.HeaderSize;

    public RecordCursor(Segment segment, long end)
    {
        handle = File.OpenHandle(segment.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        salt = segment.Salt;
        this.end = end;
    }

    /// <summary>Behind the last intact record.</summary>
    public long IntactEnd { get; private set; } = Segment.HeaderSize;

    /// <summary>Bytes skipped right before the current record.</summary>
    public long Skipped { get; private set; }

    public RecordHeader Header { get; private set; }

    public ReadOnlyMemory<byte> RunId { get; private set; }

    public ReadOnlyMemory<byte> Body { get; private set; }

    /// <summary>Goes to the next intact record. False: there is none.</summary>
    public bool MoveNext()
    {
        offset = IntactEnd;
        while (offset < end)
        {
            if (TryReadAt(offset))
            {
                Skipped = offset - IntactEnd;
                offset += Header.Size;
                IntactEnd = offset;
                return true;
            }

            offset = FindMagic(offset + 1);
        }

        return false;
    }

    public void Dispose()
    {
        handle.Dispose();
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
    }

    private bool TryReadAt(long at)
    {
        if (!RecordFormat.TryParse(Fill(at, RecordFormat.HeaderSize), out var header) || at + header.Size > end)
        {
            return false;
        }

        var record = Fill(at, header.Size);
        if (record.Length < header.Size || !RecordFormat.IsIntact(record, header, salt))
        {
            return false;
        }

        var start = (int)(at - bufferOffset) + RecordFormat.HeaderSize;
        Header = header;
        RunId = buffer.AsMemory(start, header.RunIdBytes);
        Body = buffer.AsMemory(start + header.RunIdBytes, header.BodyLength);
        return true;
    }

    private long FindMagic(long from)
    {
        while (from < end)
        {
            var window = Fill(from, RecordFormat.HeaderSize);
            var index = window.IndexOf(RecordFormat.MagicBytes);
            if (index >= 0)
            {
                return from + index;
            }

            if (window.Length < RecordFormat.HeaderSize)
            {
                return end;
            }

            from += window.Length - RecordFormat.MagicBytes.Length + 1;
        }

        return end;
    }

    /// <summary>What the buffer holds from an offset on: at least so many bytes, less only at the end.</summary>
    private ReadOnlySpan<byte> Fill(long at, int size)
    {
        if (at < bufferOffset || at + size > bufferOffset + bufferLength)
        {
            var kept = at >= bufferOffset && at < bufferOffset + bufferLength ? (int)(bufferOffset + bufferLength - at) : 0;
            var target = size > buffer.Length ? ArrayPool<byte>.Shared.Rent(size) : buffer;
            buffer.AsSpan(bufferLength - kept, kept).CopyTo(target);
            if (target != buffer)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = target;
            }

            bufferOffset = at;
            bufferLength = kept;
            while (bufferLength < size)
            {
                var room = (int)Math.Min(buffer.Length - bufferLength, end - bufferOffset - bufferLength);
                var read = room <= 0 ? 0 : RandomAccess.Read(handle, buffer.AsSpan(bufferLength, room), bufferOffset + bufferLength);
                if (read == 0)
                {
                    break;
                }

                bufferLength += read;
            }
        }

        var start = (int)(at - bufferOffset);
        return buffer.AsSpan(start, bufferLength - start);
    }
}
