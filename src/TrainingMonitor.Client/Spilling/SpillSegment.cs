using Google.Protobuf;
using Microsoft.Win32.SafeHandles;
using TrainingMonitor.Client.Buffering;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Client.Spilling;

/// <summary>One append-only file of frames in order of sequence. Not safe between threads.</summary>
internal sealed class SpillSegment : IDisposable
{
    // A place is remembered for every 16th record: a seek reads at most 15 headers, and a damaged one hides no more records than that.
    private const ulong PlaceInterval = 16;

    private readonly SafeFileHandle file;
    private readonly List<(ulong Sequence, long Offset)> places = [];
    private (ulong Sequence, long Offset) cursor;
    private List<StoredFrame> grounds = [];

    private SpillSegment(string path, SafeFileHandle file)
    {
        Path = path;
        this.file = file;
    }

    /// <summary>Name of the file.</summary>
    public string Path { get; }

    /// <summary>Sequence of the first frame; 0 while empty.</summary>
    public ulong First { get; private set; }

    /// <summary>Sequence of the last frame; 0 while empty.</summary>
    public ulong Last { get; private set; }

    /// <summary>Bytes of good records.</summary>
    public long Length { get; private set; }

    /// <summary>Something in it cannot be read: it is not deleted.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>A new file.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static SpillSegment Create(string path) => new(path, File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read));

    /// <summary>A file of an earlier process, up to its first damaged record.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SpillSegment Open(string path, out bool damaged)
    {
        var segment = new SpillSegment(path, File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        damaged = !segment.Scan();
        return segment;
    }

    /// <summary>Appends frames that follow each other; one write.</summary>
    /// <exception cref="IOException">The disk refused; the file keeps what it had.</exception>
    public void Append(IReadOnlyList<StoredFrame> frames)
    {
        var bytes = new byte[frames.Sum(f => SpillRecord.HeaderBytes + (long)f.Bytes.Length)];
        var at = 0;
        foreach (var frame in frames)
        {
            SpillRecord.Write(bytes.AsSpan(at), frame.Sequence, frame.Bytes.Span);
            at += SpillRecord.HeaderBytes + frame.Bytes.Length;
        }

        RandomAccess.Write(file, bytes, Length);
        foreach (var frame in frames)
        {
            Added(frame.Sequence, SpillRecord.HeaderBytes + frame.Bytes.Length);
        }
    }

    /// <summary>Reads a frame; false where the file does not hold it whole.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public bool TryRead(ulong sequence, out ReadOnlyMemory<byte> frame)
    {
        frame = default;
        if (First == 0 || sequence < First || sequence > Last)
        {
            return false;
        }

        var place = places[(int)((sequence - First) / PlaceInterval)];
        if (cursor.Sequence > sequence || cursor.Sequence < place.Sequence)
        {
            // Also where the cursor would do but for a damaged header on its way.
            cursor = place;
        }

        Span<byte> header = stackalloc byte[SpillRecord.HeaderBytes];
        while (RandomAccess.Read(file, header, cursor.Offset) == header.Length && SpillRecord.TryReadHeader(header, out var length, out var found))
        {
            if (found == sequence)
            {
                var record = new byte[SpillRecord.HeaderBytes + length];
                frame = record.AsMemory(SpillRecord.HeaderBytes);
                var whole = RandomAccess.Read(file, record, cursor.Offset) == record.Length && SpillRecord.IsIntact(record);
                cursor = (sequence + 1, cursor.Offset + record.Length);
                return whole;
            }

            cursor = (found + 1, cursor.Offset + SpillRecord.HeaderBytes + length);
        }

        return false;
    }

    /// <summary>The layer tables and descriptions that were met when a file of an earlier process was opened; once.</summary>
    public List<StoredFrame> TakeGrounds()
    {
        var taken = grounds;
        grounds = [];
        return taken;
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private bool Scan()
    {
        var end = RandomAccess.GetLength(file);
        Span<byte> header = stackalloc byte[SpillRecord.HeaderBytes];
        while (Length < end)
        {
            if (RandomAccess.Read(file, header, Length) < header.Length || !SpillRecord.TryReadHeader(header, out var length, out var sequence))
            {
                return false;
            }

            var record = new byte[SpillRecord.HeaderBytes + length];
            if (RandomAccess.Read(file, record, Length) < record.Length || !SpillRecord.IsIntact(record) || (Last != 0 && sequence != Last + 1))
            {
                return false;
            }

            Added(sequence, record.Length);
            NoteGround(sequence, record);
        }

        return true;
    }

    // Looks at the tags only: most frames are steps, and many.
    private void NoteGround(ulong sequence, byte[] record)
    {
        var frame = record.AsMemory(SpillRecord.HeaderBytes);
        using var input = new CodedInputStream(record, SpillRecord.HeaderBytes, frame.Length);
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (WireFormat.GetTagFieldNumber(tag) is TrainerFrame.LayerTableFieldNumber or TrainerFrame.DescriptionFieldNumber)
            {
                grounds.Add(new(sequence, frame, TrainerFrame.Parser.ParseFrom(frame.Span)));
                return;
            }

            input.SkipLastField();
        }
    }

    private void Added(ulong sequence, int bytes)
    {
        First = First == 0 ? sequence : First;
        if ((sequence - First) % PlaceInterval == 0)
        {
            places.Add((sequence, Length));
        }

        Last = sequence;
        Length += bytes;
    }
}
