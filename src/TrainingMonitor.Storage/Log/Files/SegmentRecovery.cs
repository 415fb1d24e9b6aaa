using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Storage.Log.Files;

/// <summary>What a folder holds when the log is opened: finds the end of the newest segment, cuts a torn tail, moves aside what is no segment.</summary>
internal sealed class SegmentRecovery
{
    private readonly string folder;
    private readonly ILogger logger;

    private SegmentRecovery(string folder, ILogger logger)
    {
        this.folder = folder;
        this.logger = logger;
    }

    public List<Segment> Segments { get; } = [];

    public List<FrameLogDamage> Damage { get; } = [];

    /// <summary>No record of the folder has a position above this one; 0: there is none.</summary>
    public long LastPosition { get; private set; }

    public long TornBytes { get; private set; }

    /// <summary>Looks at every file of the folder and scans the newest segment.</summary>
    /// <exception cref="IOException">The folder or its newest segment cannot be read or cut.</exception>
    public static SegmentRecovery Run(string folder, ILogger logger)
    {
        var recovery = new SegmentRecovery(folder, logger);
        var files = Directory.GetFiles(folder, "*" + Segment.Extension).Where(path => Segment.ParseFileName(path) > 0).Order(StringComparer.Ordinal);
        foreach (var path in files)
        {
            recovery.Add(path);
        }

        if (recovery.Segments is [.., var newest])
        {
            recovery.ScanNewest(newest);
        }

        FolderSync.Sync(folder);
        return recovery;
    }

    private void Add(string path)
    {
        var first = Segment.ParseFileName(path);
        if (Segment.Open(path) is { } segment && segment.FirstPosition == first)
        {
            Segments.Add(segment);
            LastPosition = Math.Max(LastPosition, first - 1);
            return;
        }

        var length = new FileInfo(path).Length;
        if (length < Segment.HeaderSize || IsZero(path))
        {
            // Created right before the machine went down; no record was durable in it.
            TornBytes += length;
            FrameLogMessages.Torn(logger, length, path);
            File.Delete(path);
            return;
        }

        // Its records may have been durable, under positions of which no one is left: none of them is used again.
        LastPosition = Math.Max(LastPosition, first + (length / RecordFormat.HeaderSize));
        File.Move(path, path + ".corrupt", overwrite: true);
        Report(path + ".corrupt", 0, length, "the header of a segment is unreadable; the file was moved aside");
    }

    private void ScanNewest(Segment segment)
    {
        var length = segment.DurableLength;
        long end;
        using (var cursor = new RecordCursor(segment, length))
        {
            while (cursor.MoveNext())
            {
                LastPosition = Math.Max(LastPosition, cursor.Header.Position);
            }

            end = cursor.IntactEnd;
        }

        using var handle = File.OpenHandle(segment.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        if (end < length)
        {
            // A record that was durable and has rotted looks the same as one that was never finished. So the bytes are kept, and their positions not used again.
            TornBytes += length - end;
            LastPosition += (length - end) / RecordFormat.HeaderSize;
            KeepTail(segment.Path, handle, end, length);
            RandomAccess.SetLength(handle, end);
            segment.DurableLength = end;
            FrameLogMessages.Torn(logger, length - end, segment.Path);
        }

        // After a kill the last records may be in the page cache only; from here on they count as durable.
        RandomAccess.FlushToDisk(handle);
    }

    private static void KeepTail(string path, Microsoft.Win32.SafeHandles.SafeFileHandle handle, long from, long to)
    {
        using var tail = new FileStream(path + ".torn", FileMode.Create, FileAccess.Write);
        var buffer = new byte[64 << 10];
        while (from < to)
        {
            var read = RandomAccess.Read(handle, buffer.AsSpan(0, (int)Math.Min(buffer.Length, to - from)), from);
            if (read == 0)
            {
                return;
            }

            tail.Write(buffer, 0, read);
            from += read;
        }
    }

    private static bool IsZero(string path)
    {
        using var file = File.OpenRead(path);
        var buffer = new byte[64 << 10];
        int read;
        while ((read = file.Read(buffer)) > 0)
        {
            if (buffer.AsSpan(0, read).ContainsAnyExcept((byte)0))
            {
                return false;
            }
        }

        return true;
    }

    private void Report(string path, long offset, long length, string description)
    {
        Damage.Add(new FrameLogDamage(path, offset, length, description));
        FrameLogMessages.Damaged(logger, description, path, offset, length);
    }
}
