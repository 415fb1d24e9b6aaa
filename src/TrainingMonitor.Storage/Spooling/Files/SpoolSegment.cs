using System.Globalization;
using Microsoft.Win32.SafeHandles;
using TrainingMonitor.Storage.Log.Files;

namespace TrainingMonitor.Storage.Spooling.Files;

/// <summary>One file of a spool: records one after the other, read from the front, appended at the end. Not thread-safe.</summary>
internal sealed class SpoolSegment : IDisposable
{
    public const string Extension = ".spool";
    private readonly SafeFileHandle handle;
    private readonly byte[] headerBytes = new byte[SpoolFormat.HeaderSize];
    // Records whose body is damaged: counted, and passed over.
    private readonly HashSet<long> damaged = [];

    private SpoolSegment(string path, SafeFileHandle handle)
    {
        Path = path;
        this.handle = handle;
    }

    public string Path { get; }

    /// <summary>Where the oldest record begins that is not removed.</summary>
    public long Front { get; private set; }

    /// <summary>Bytes that hold whole records.</summary>
    public long Length { get; private set; }

    /// <summary>Records, lines and bytes not removed and not damaged.</summary>
    public (int Records, long Lines, long Bytes) Left { get; private set; }

    /// <summary>Highest sequence in it.</summary>
    public long LastSequence { get; private set; }

    /// <summary>Something in it could not be read: it is kept aside.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Nothing is left in it.</summary>
    public bool IsExhausted
    {
        get
        {
            var offset = Front;
            while (TryNext(ref offset, out var header))
            {
                if (!damaged.Contains(offset))
                {
                    return false;
                }

                offset += header.Size;
            }

            return true;
        }
    }

    public static SpoolSegment Create(string folder, long sequence)
    {
        var path = System.IO.Path.Combine(folder, sequence.ToString("D20", CultureInfo.InvariantCulture) + Extension);
        var segment = new SpoolSegment(path, File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read));
        try
        {
            FolderSync.Sync(folder);
            return segment;
        }
        catch
        {
            segment.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Opens a file and walks over its headers. What follows the last whole record is cut: an append that was never finished.</summary>
    public static SpoolSegment Open(string path, out long torn)
    {
        var segment = new SpoolSegment(path, File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read));
        try
        {
            torn = segment.Walk();
            return segment;
        }
        catch
        {
            segment.Dispose();
            throw;
        }
    }

    /// <summary>Appends and makes durable; a failure leaves the segment as it was, or as one that is not to be appended to (the exception says it to the caller).</summary>
    public void Append(IReadOnlyList<SpoolBatch> batches, int first, int count, long sequence, bool dropPages)
    {
        var parts = new ReadOnlyMemory<byte>[2 * count];
        var headers = new byte[count * SpoolFormat.HeaderSize].AsMemory();
        var (size, lines, bytes) = (0L, 0L, 0L);
        for (var i = 0; i < count; i++)
        {
            var batch = batches[first + i];
            var header = headers.Slice(i * SpoolFormat.HeaderSize, SpoolFormat.HeaderSize);
            SpoolFormat.WriteHeader(header.Span, batch.Body.Span, batch.Lines, sequence + i);
            (parts[2 * i], parts[(2 * i) + 1]) = (header, batch.Body);
            size += SpoolFormat.HeaderSize + batch.Body.Length;
            lines += batch.Lines;
            bytes += batch.Body.Length;
        }

        RandomAccess.Write(handle, parts, Length);
        RandomAccess.FlushToDisk(handle);
        if (dropPages)
        {
            PageCache.Drop(handle, Length, Length + size);
        }

        Length += size;
        Left = (Left.Records + count, Left.Lines + lines, Left.Bytes + bytes);
        LastSequence = sequence + count - 1;
    }

    /// <summary>Takes back what a failed append may have left.</summary>
    public void CutBack() => RandomAccess.SetLength(handle, Length);

    /// <summary>The first record at or behind the offset that is whole; the offset becomes its own. Damaged ones are passed over and counted.</summary>
    public bool TryRead(ref long offset, ref byte[] buffer, out SpoolHeader header, SpoolCounters counters)
    {
        for (; TryNext(ref offset, out header); offset += header.Size)
        {
            if (damaged.Contains(offset))
            {
                continue;
            }

            if (buffer.Length < header.Length)
            {
                buffer = new byte[Math.Max(header.Length, buffer.Length * 2)];
            }

            var body = buffer.AsSpan(0, header.Length);
            if (ReadAll(body, offset + SpoolFormat.HeaderSize) && Crc32C.Compute(body) == header.BodyCrc)
            {
                return true;
            }

            IsDamaged = true;
            damaged.Add(offset);
            counters.Damage(header.Lines, 1, header.Length);
            Less(header);
        }

        return false;
    }

    /// <summary>Removes the oldest record, if it has this sequence.</summary>
    public bool Remove(long sequence, SpoolCounters counters)
    {
        var offset = Front;
        while (TryNext(ref offset, out var header))
        {
            var isDamaged = damaged.Contains(offset);
            if (!isDamaged && header.Sequence != sequence)
            {
                return false;
            }

            offset += header.Size;
            Front = offset;
            if (!isDamaged)
            {
                Less(header);
                counters.Remove(header.Lines, header.Length);
                return true;
            }
        }

        return false;
    }

    /// <summary>Goes past all records up to a sequence.</summary>
    public void PassUpTo(long sequence)
    {
        var offset = Front;
        while (TryNext(ref offset, out var header) && header.Sequence <= sequence)
        {
            Less(header);
            offset += header.Size;
            Front = offset;
        }
    }

    public void Dispose() => handle.Dispose();

    private void Less(in SpoolHeader header) => Left = (Left.Records - 1, Left.Lines - header.Lines, Left.Bytes - header.Length);

    private long Walk()
    {
        var size = RandomAccess.GetLength(handle);
        Length = size;
        var (end, offset) = (0L, 0L);
        while (TryNext(ref offset, out var header))
        {
            // The last record may be torn inside its body; those before it were durable before the next one was begun.
            if (offset + header.Size == size && !IsWhole(header, offset))
            {
                break;
            }

            offset += header.Size;
            end = offset;
            Left = (Left.Records + 1, Left.Lines + header.Lines, Left.Bytes + header.Length);
            LastSequence = header.Sequence;
        }

        Length = end;
        if (end < size)
        {
            CutBack();
        }

        return size - end;
    }

    /// <summary>The header at the offset; where there is none, the next one that is, which makes this a damaged file. False: none follows.</summary>
    private bool TryNext(ref long offset, out SpoolHeader header)
    {
        if (TryHeader(offset, out header))
        {
            return true;
        }

        if (offset >= Length)
        {
            return false;
        }

        var window = new byte[64 << 10];
        for (var from = offset + 1; from + SpoolFormat.HeaderSize <= Length; from += window.Length - SpoolFormat.HeaderSize)
        {
            var read = RandomAccess.Read(handle, window, from);
            var searched = 0;
            int index;
            while ((index = window.AsSpan(searched, read - searched).IndexOf(SpoolFormat.MagicBytes)) >= 0)
            {
                searched += index;
                if (TryHeader(from + searched, out header))
                {
                    offset = from + searched;
                    IsDamaged = true;
                    return true;
                }

                searched++;
            }
        }

        return false;
    }

    private bool IsWhole(in SpoolHeader header, long offset)
    {
        var body = new byte[header.Length];
        return ReadAll(body, offset + SpoolFormat.HeaderSize) && Crc32C.Compute(body) == header.BodyCrc;
    }

    private bool TryHeader(long offset, out SpoolHeader header)
    {
        header = default;
        return offset + SpoolFormat.HeaderSize <= Length
            && ReadAll(headerBytes, offset)
            && SpoolFormat.TryRead(headerBytes, out header)
            && offset + header.Size <= Length;
    }

    private bool ReadAll(Span<byte> target, long offset)
    {
        var read = 0;
        while (read < target.Length)
        {
            var more = RandomAccess.Read(handle, target[read..], offset + read);
            if (more == 0)
            {
                return false;
            }

            read += more;
        }

        return true;
    }
}
