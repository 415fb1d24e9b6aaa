using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace TrainingMonitor.Storage.Log.Files;

/// <summary>The segments of a log, oldest first. Written by one thread; read by any.</summary>
internal sealed class SegmentSet : IDisposable
{
    private readonly Lock gate = new();
    private readonly FrameLogOptions options;
    private readonly ILogger logger;
    private ImmutableArray<Segment> segments;
    private ImmutableList<FrameLogDamage> damage;
    private SafeFileHandle? handle;
    private long durable;
    private long released;
    private bool saidAboveCap;
    private bool untidy = true;
    private int holds;

    private SegmentSet(FrameLogOptions options, ILogger logger, SegmentRecovery recovery)
    {
        this.options = options;
        this.logger = logger;
        segments = [.. recovery.Segments];
        damage = [.. recovery.Damage];
        durable = Math.Max(recovery.LastPosition, options.ContinueAfter);
        TornBytes = recovery.TornBytes;
    }

    public string Folder => options.Folder;

    public long TornBytes { get; }

    public long DurablePosition => Volatile.Read(ref durable);

    public IReadOnlyList<FrameLogDamage> Damage => Volatile.Read(ref damage);

    public long TotalBytes => Segments.Sum(segment => segment.DurableLength);

    public IReadOnlyList<(string Path, long Length)> Files => [.. Segments.Select(segment => (segment.Path, segment.DurableLength))];

    public long FirstPosition => Segments is [var first, ..] ? first.FirstPosition : DurablePosition + 1;

    private ImmutableArray<Segment> Segments
    {
        get
        {
            lock (gate)
            {
                return segments;
            }
        }
    }

    public static SegmentSet Open(FrameLogOptions options, ILogger logger)
    {
        Directory.CreateDirectory(options.Folder);
        return new SegmentSet(options, logger, SegmentRecovery.Run(options.Folder, logger));
    }

    /// <summary>Makes a group durable.</summary>
    /// <exception cref="IOException">It is not; <see cref="Abandon"/> before the next try.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public void Write(AppendBuffer group)
    {
        var segment = Segments is [.., { Abandoned: false, Damaged: false } newest] && newest.DurableLength < options.SegmentBytes
            ? newest
            : Begin(group.FirstPosition);
        handle ??= File.OpenHandle(segment.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        group.Seal(segment.Salt);
        var offset = segment.DurableLength;
        foreach (var chunk in group.Chunks)
        {
            RandomAccess.Write(handle, chunk.Data.AsSpan(0, chunk.Used), offset);
            offset += chunk.Used;
        }

        RandomAccess.FlushToDisk(handle);
        PageCache.Drop(handle, segment.DurableLength, offset);
        segment.DurableLength = offset;
        Volatile.Write(ref durable, group.LastPosition);
    }

    /// <summary>After a failed write: what an fsync has failed on may be neither on disk nor in memory, so the file is cut back to what is durable and not
    /// written again; the group goes to a new segment.</summary>
    public void Abandon()
    {
        if (handle is null || Segments is not [.., var newest])
        {
            return;
        }

        try
        {
            RandomAccess.SetLength(handle, newest.DurableLength);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The rest stays; readers stop at the first position of the next segment.
            FrameLogMessages.Failed(logger, Folder, error);
        }

        handle.Dispose();
        handle = null;
        newest.Abandoned = true;
    }

    public void Release(long position)
    {
        lock (gate)
        {
            released = Math.Max(released, position);
            untidy = true;
        }
    }

    public IDisposable Hold()
    {
        lock (gate)
        {
            holds++;
        }

        return new Held(this);
    }

    /// <summary>Deletes released segments while the log is above its cap. A damaged one is kept aside instead.</summary>
    public void DeleteReleased()
    {
        lock (gate)
        {
            if (!untidy || holds > 0)
            {
                return;
            }

            untidy = false;
        }

        var total = TotalBytes;
        var deleted = false;
        while (total > options.DiskCapBytes && Segments is [var oldest, var second, ..] && second.FirstPosition <= released)
        {
            if (oldest.Damaged)
            {
                File.Move(oldest.Path, oldest.Path + ".corrupt", overwrite: true);
            }
            else
            {
                File.Delete(oldest.Path);
            }

            lock (gate)
            {
                segments = segments.RemoveAt(0);
            }

            total -= oldest.DurableLength;
            deleted = true;
        }

        if (deleted)
        {
            FolderSync.Sync(Folder);
        }

        var above = total > options.DiskCapBytes;
        if (above && !saidAboveCap)
        {
            FrameLogMessages.AboveCap(logger, Folder, total, options.DiskCapBytes);
        }

        saidAboveCap = above;
    }

    public IEnumerable<FrameRecord> Read(long from, string? runId)
    {
        var limit = DurablePosition;
        var snapshot = Segments;
        var names = new RunIdCache(runId);
        for (var i = 0; i < snapshot.Length; i++)
        {
            var next = i + 1 < snapshot.Length ? snapshot[i + 1].FirstPosition : long.MaxValue;
            if (next <= from)
            {
                continue;
            }

            foreach (var record in SegmentReader.Read(snapshot[i], names, Math.Min(next - 1, limit), ReportDamage))
            {
                if (record.Position >= from)
                {
                    yield return record;
                }
            }
        }
    }

    public void Dispose() => handle?.Dispose();

    private Segment Begin(long firstPosition)
    {
        handle?.Dispose();
        handle = null;
        var segment = Segment.Create(Folder, firstPosition);
        var file = File.OpenHandle(segment.Path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            RandomAccess.Write(file, segment.Header(), 0);
            FolderSync.Sync(Folder);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        handle = file;
        segment.DurableLength = Segment.HeaderSize;
        lock (gate)
        {
            // The same first position again: the try before this one got no record into its file.
            segments = segments is [.., var newest] && newest.FirstPosition == firstPosition ? segments.RemoveAt(segments.Length - 1) : segments;
            segments = segments.Add(segment);
            untidy = true;
        }

        return segment;
    }

    private sealed class Held(SegmentSet set) : IDisposable
    {
        private int over;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref over, 1) == 0)
            {
                lock (set.gate)
                {
                    set.holds--;
                    set.untidy = true;
                }
            }
        }
    }

    private void ReportDamage(Segment segment, long offset, long length, string description)
    {
        segment.Damaged = true;
        lock (gate)
        {
            if (damage.Any(known => known.Path == segment.Path && known.Offset == offset))
            {
                return;
            }

            damage = damage.Add(new FrameLogDamage(segment.Path, offset, length, description));
        }

        FrameLogMessages.Damaged(logger, description, segment.Path, offset, length);
    }
}
