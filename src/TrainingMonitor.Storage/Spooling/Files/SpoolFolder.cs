using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Storage.Spooling.Files;

/// <summary>The segments of a spool, oldest first. Every call may throw what a disk throws. Not thread-safe.</summary>
internal sealed class SpoolFolder : IDisposable
{
    private const int KeptDamaged = 4;
    // While no more waits, the reader is near and finds what it reads in memory.
    private const long BytesInPageCache = 8 << 20;
    private readonly SpoolOptions options;
    private readonly SpoolCounters counters;
    private readonly ILogger logger;
    private readonly List<SpoolSegment> segments = [];
    private readonly SpoolPosition position;
    private readonly long segmentBytes;
    // Where the reader goes on behind a sequence: what is on its way is read ahead and not removed yet.
    private (SpoolSegment? Segment, long Offset, long Sequence) cursor;
    // The newest segment takes appends.
    private bool appendable;

    private SpoolFolder(SpoolOptions options, SpoolCounters counters, ILogger logger)
    {
        this.options = options;
        this.counters = counters;
        this.logger = logger;
        // Segments are what is dropped: several must fit.
        segmentBytes = Math.Min(options.SegmentBytes, options.CapBytes / 4);
        Directory.CreateDirectory(options.Folder);
        position = SpoolPosition.Open(options.Folder);
    }

    /// <summary>No record has had a sequence above it.</summary>
    public long LastSequence { get; private set; }

    private long Bytes => segments.Sum(segment => segment.Length);

    public static SpoolFolder Open(SpoolOptions options, SpoolCounters counters, ILogger logger)
    {
        var folder = new SpoolFolder(options, counters, logger);
        try
        {
            folder.Find();
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Appends in order; each segment is synced once.</summary>
    /// <param name="batches">The batches.</param>
    /// <param name="sequence">Of the first one.</param>
    /// <param name="kept">How many are kept, also where this throws.</param>
    public void Append(IReadOnlyList<SpoolBatch> batches, long sequence, ref int kept)
    {
        while (kept < batches.Count)
        {
            var first = SpoolFormat.HeaderSize + batches[kept].Body.Length;
            while (segments.Count > 0 && Bytes + first > options.CapBytes)
            {
                DropOldest();
            }

            if (!appendable || segments.Count == 0 || segments[^1].Length + first > segmentBytes)
            {
                segments.Add(SpoolSegment.Create(options.Folder, sequence + kept));
                appendable = true;
            }

            var count = 1;
            var room = Math.Min(segmentBytes - segments[^1].Length, options.CapBytes - Bytes) - first;
            while (kept + count < batches.Count && (room -= SpoolFormat.HeaderSize + batches[kept + count].Body.Length) >= 0)
            {
                count++;
            }

            try
            {
                segments[^1].Append(batches, kept, count, sequence + kept, dropPages: counters.Bytes > BytesInPageCache);
            }
            catch
            {
                // What was half written is behind the segment's length: it is cut, or no more is appended behind it.
                appendable = false;
                segments[^1].CutBack();
                appendable = true;
                throw;
            }

            kept += count;
            LastSequence = sequence + kept - 1;
        }
    }

    /// <summary>The oldest record behind a sequence, in the buffer.</summary>
    public bool TryPeek(long after, ref byte[] buffer, out SpoolHeader header)
    {
        RetireExhausted();
        var index = cursor.Sequence == after && cursor.Segment is { } at ? segments.IndexOf(at) : -1;
        var offset = index < 0 ? -1 : cursor.Offset;
        for (var i = Math.Max(index, 0); i < segments.Count; i++)
        {
            offset = offset < 0 ? segments[i].Front : offset;
            while (segments[i].TryRead(ref offset, ref buffer, out header, counters))
            {
                offset += header.Size;
                if (header.Sequence > after)
                {
                    cursor = (segments[i], offset, header.Sequence);
                    return true;
                }
            }

            offset = -1;
        }

        RetireExhausted();
        header = default;
        return false;
    }

    /// <summary>Forgets a record that was peeked, if it is the oldest.</summary>
    public bool Remove(long sequence)
    {
        if (segments.Count == 0 || !segments[0].Remove(sequence, counters))
        {
            return false;
        }

        position.Set(sequence);
        RetireExhausted();
        return true;
    }

    public void Dispose()
    {
        segments.ForEach(segment => segment.Dispose());
        position.Dispose();
    }

    private void Find()
    {
        LastSequence = position.Value;
        foreach (var path in Directory.GetFiles(options.Folder, "*" + SpoolSegment.Extension).Order(StringComparer.Ordinal))
        {
            var segment = SpoolSegment.Open(path, out var torn);
            if (torn > 0)
            {
                SpoolMessages.Torn(logger, torn, path);
            }

            LastSequence = Math.Max(LastSequence, segment.LastSequence);
            segment.PassUpTo(position.Value);
            segments.Add(segment);
        }

        counters.Find(segments.Sum(segment => segment.Left.Lines), segments.Sum(segment => segment.Left.Records), segments.Sum(segment => segment.Left.Bytes));
    }

    private void RetireExhausted()
    {
        while (segments.Count > 0 && segments[0].IsExhausted)
        {
            if (segments.Count == 1 && appendable && !segments[0].IsDamaged && segments[0].Length < segmentBytes)
            {
                break;
            }

            // Records whose header was found when the file was opened, and is gone now.
            var (records, lines, bytes) = segments[0].Left;
            counters.Damage(lines, records, bytes);
            Retire(segments[0]);
        }
    }

    private void DropOldest()
    {
        var (records, lines, bytes) = segments[0].Left;
        if (records > 0)
        {
            counters.Drop(lines, records, bytes);
            SpoolMessages.Dropped(logger, records, lines);
        }

        Retire(segments[0]);
    }

    private void Retire(SpoolSegment segment)
    {
        segments.Remove(segment);
        appendable &= segments.Count > 0;
        segment.Dispose();
        if (!segment.IsDamaged)
        {
            File.Delete(segment.Path);
            return;
        }

        var aside = segment.Path + ".corrupt";
        File.Move(segment.Path, aside, overwrite: true);
        SpoolMessages.Damaged(logger, segment.Path, counters.DamagedLines, aside);
        foreach (var old in Directory.GetFiles(options.Folder, "*.corrupt").OrderDescending(StringComparer.Ordinal).Skip(KeptDamaged))
        {
            File.Delete(old);
        }
    }
}
