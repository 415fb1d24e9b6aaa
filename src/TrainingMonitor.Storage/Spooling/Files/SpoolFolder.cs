using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Storage.Spooling.Files;

/// <summary>The segments of a spool, oldest first. Every call may throw what a disk throws. Not thread-safe.</summary>
internal sealed class SpoolFolder : IDisposable
{
    private const int KeptDamaged = 4;
    private readonly SpoolOptions options;
    private readonly SpoolCounters counters;
    private readonly ILogger logger;
    private readonly List<SpoolSegment> segments = [];
    private readonly SpoolPosition position;
    private readonly long segmentBytes;
    private (SpoolSegment Segment, SpoolHeader Header)? peeked;
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

    public void Append(ReadOnlyMemory<byte> body, int lines, long sequence)
    {
        var size = SpoolFormat.HeaderSize + body.Length;
        while (segments.Count > 0 && Bytes + size > options.CapBytes)
        {
            DropOldest();
        }

        if (!appendable || segments.Count == 0 || segments[^1].Length + size > segmentBytes)
        {
            segments.Add(SpoolSegment.Create(options.Folder, sequence));
            appendable = true;
        }

        try
        {
            segments[^1].Append(body, lines, sequence);
        }
        catch
        {
            // What was half written is behind the segment's length: it is cut, or no more is appended behind it.
            appendable = false;
            segments[^1].CutBack();
            appendable = true;
            throw;
        }

        LastSequence = sequence;
    }

    /// <summary>The oldest record, in the buffer.</summary>
    public bool TryPeek(ref byte[] buffer, out SpoolHeader header)
    {
        while (segments.Count > 0)
        {
            if (segments[0].TryPeek(ref buffer, out header, counters))
            {
                peeked = (segments[0], header);
                return true;
            }

            if (segments.Count == 1 && appendable && !segments[0].IsDamaged && segments[0].Length < segmentBytes)
            {
                break;
            }

            Retire(segments[0]);
        }

        header = default;
        return false;
    }

    /// <summary>Forgets the record that was peeked last, if it is this one and still there.</summary>
    public bool Remove(long sequence)
    {
        if (peeked is not var (segment, header) || header.Sequence != sequence || segments.Count == 0 || segments[0] != segment)
        {
            return false;
        }

        peeked = null;
        segment.Pass(header);
        counters.Remove(header.Lines, header.Length);
        position.Set(sequence);
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
