using TrainingMonitor.Logs.Parsing;

namespace TrainingMonitor.Logs.Following;

/// <summary>
/// One growing file. It is opened anew for each look: network file systems show new bytes only then, and a file that was replaced is found under its name. A file is
/// replaced where it is shorter than what was read, or where the last bytes read are others by now; a copy that was renamed into place with the same beginning (rsync) goes on.
/// </summary>
internal sealed class FollowedFile(string path, Func<ILogParser> parser)
{
    private const int Chunk = 256 << 10, Memory = 512;
    private byte[] last = [];
    private long offset, earlierSkipped;

    /// <summary>Its path.</summary>
    public string Path => path;

    /// <summary>Reads its bytes.</summary>
    public ILogParser Parser { get; private set; } = parser();

    /// <summary>Damaged records passed over, before and after replacements.</summary>
    public long Skipped => earlierSkipped + Parser.Skipped;

    /// <summary>Times it was replaced.</summary>
    public int Replaced { get; private set; }

    /// <summary>Reads what is new, a chunk at a time.</summary>
    public IEnumerable<LogEntry> Poll()
    {
        var entries = new List<LogEntry>();
        while (ReadChunk() is { } chunk)
        {
            Parser.Append(chunk.Span, entries);
            foreach (var entry in entries)
            {
                yield return entry;
            }

            entries.Clear();
        }
    }

    // Null: nothing new, or not there at the moment.
    private ReadOnlyMemory<byte>? ReadChunk()
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (file.Length == offset && (offset == 0 || Same(file)))
            {
                return null;
            }

            if (file.Length < offset || !Same(file))
            {
                Begin();
            }

            var buffer = new byte[Math.Min(Chunk, Math.Max(file.Length - offset, 0))];
            file.Position = offset;
            var read = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            if (read == 0)
            {
                return null;
            }

            offset += read;
            last = [.. last.Concat(buffer.Take(read)).TakeLast(Memory)];
            return buffer.AsMemory(0, read);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Gone, being replaced, or a network file system that stumbled: the next look will tell.
            return null;
        }
    }

    private bool Same(FileStream file)
    {
        if (last.Length == 0)
        {
            return true;
        }

        var now = new byte[last.Length];
        file.Position = offset - last.Length;
        return file.ReadAtLeast(now, now.Length, throwOnEndOfStream: false) == now.Length && now.AsSpan().SequenceEqual(last);
    }

    private void Begin()
    {
        earlierSkipped += Parser.Skipped;
        Parser = parser();
        (offset, last) = (0, []);
        Replaced++;
    }
}
