using System.Buffers.Binary;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Log.Files;

namespace TrainingMonitor.Storage.Recording;

/// <summary>Reads a recording file (<c>docs/recording.md</c>) from a stream that need not seek.</summary>
public sealed class RecordingReader
{
    private readonly Stream source;
    private readonly byte[] runIdUtf8;
    private readonly uint salt;
    private long offset;
    private byte[] buffer = new byte[64 << 10];

    /// <summary>Reads the header.</summary>
    /// <param name="source">A recording; stays open.</param>
    /// <exception cref="RecordingException">It is no recording, of an unknown version, or damaged.</exception>
    public RecordingReader(Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        this.source = source;
        var header = buffer.AsSpan(0, RecordingFormat.FixedHeaderSize);
        if (source.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length || !header.StartsWith(RecordingFormat.Magic))
        {
            throw new RecordingException(0, "this is no recording (it does not start with TMRECORD)");
        }

        var version = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        if (version != RecordingFormat.Version)
        {
            throw new RecordingException(8, $"it has version {version}, and this program reads version {RecordingFormat.Version}");
        }

        salt = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        var runIdBytes = BinaryPrimitives.ReadInt32LittleEndian(header[16..]);
        if (runIdBytes is <= 0 or > RecordFormat.MaxRunId)
        {
            throw new RecordingException(0, "the header is damaged");
        }

        var whole = buffer.AsSpan(0, RecordingFormat.FixedHeaderSize + runIdBytes);
        var rest = whole[RecordingFormat.FixedHeaderSize..];
        if (source.ReadAtLeast(rest, runIdBytes, throwOnEndOfStream: false) < runIdBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(whole[20..]) != RecordingFormat.HeaderCrc(whole))
        {
            throw new RecordingException(0, "the header is damaged");
        }

        runIdUtf8 = rest.ToArray();
        RunId = RecordFormat.Utf8.GetString(runIdUtf8);
        offset = whole.Length;
    }

    /// <summary>The recorded run.</summary>
    public string RunId { get; }

    /// <summary>Records read so far.</summary>
    public long Records { get; private set; }

    /// <summary>After the last record: whether the end mark was there. False: the recording stops early, on a whole record (its writer was killed).</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The records in order. A body is valid until the next one is read.</summary>
    /// <exception cref="RecordingException">A record is damaged or cut off.</exception>
    public IEnumerable<FrameRecord> Read()
    {
        while (!IsComplete && TryReadRecord(out var header))
        {
            var body = buffer.AsMemory(RecordFormat.HeaderSize + header.RunIdBytes, header.BodyLength);
            if (header.Kind == RecordingFormat.EndKind)
            {
                End(body.Span);
                yield break;
            }

            Records++;
            yield return new FrameRecord(header.Position, (FrameRecordKind)header.Kind, RunId, header.Attempt, header.Rank, body);
        }
    }

    private bool TryReadRecord(out RecordHeader header)
    {
        header = default;
        var read = source.ReadAtLeast(buffer.AsSpan(0, RecordFormat.HeaderSize), RecordFormat.HeaderSize, throwOnEndOfStream: false);
        if (read == 0)
        {
            return false;
        }

        if (read < RecordFormat.HeaderSize)
        {
            throw new RecordingException(offset, "the file ends in the middle of a record");
        }

        if (!RecordFormat.TryParse(buffer, out header))
        {
            throw new RecordingException(offset, "a record is damaged");
        }

        if (buffer.Length < header.Size)
        {
            Array.Resize(ref buffer, header.Size);
        }

        var rest = buffer.AsSpan(RecordFormat.HeaderSize, header.Size - RecordFormat.HeaderSize);
        if (source.ReadAtLeast(rest, rest.Length, throwOnEndOfStream: false) < rest.Length)
        {
            throw new RecordingException(offset, "the file ends in the middle of a record");
        }

        if (!RecordFormat.IsIntact(buffer, header, salt) || !rest[..header.RunIdBytes].SequenceEqual(runIdUtf8))
        {
            throw new RecordingException(offset, "a record is damaged");
        }

        offset += header.Size;
        return true;
    }

    private void End(ReadOnlySpan<byte> body)
    {
        if (body.Length != 8 || BinaryPrimitives.ReadInt64LittleEndian(body) != Records)
        {
            throw new RecordingException(offset, $"its end mark does not count {Records} records");
        }

        IsComplete = true;
    }
}
