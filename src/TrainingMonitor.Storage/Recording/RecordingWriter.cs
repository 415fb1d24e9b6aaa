using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Log.Files;

namespace TrainingMonitor.Storage.Recording;

/// <summary>Writes the accepted stream of one run as a recording file (<c>docs/recording.md</c>). Not thread-safe; the target stays open.</summary>
public sealed class RecordingWriter
{
    private readonly Stream target;
    private readonly string runId;
    private readonly int runIdBytes;
    private readonly uint salt;
    private long records;
    private bool complete;

    /// <summary>Writes the header.</summary>
    /// <param name="target">Where to; only written to.</param>
    /// <param name="runId">The run.</param>
    /// <exception cref="ArgumentException">The run id is empty, too long or not valid Unicode.</exception>
    public RecordingWriter(Stream target, string runId)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(runId);
        this.target = target;
        this.runId = runId;
        salt = (uint)RandomNumberGenerator.GetInt32(int.MaxValue);
        var header = RecordingFormat.Header(runId, salt);
        runIdBytes = header.Length - RecordingFormat.FixedHeaderSize;
        target.Write(header);
    }

    /// <summary>Adds a record.</summary>
    /// <exception cref="ArgumentException">It belongs to another run.</exception>
    /// <exception cref="InvalidOperationException">The recording has its end already.</exception>
    public void Write(in FrameRecord record)
    {
        if (record.RunId != runId)
        {
            throw new ArgumentException($"A recording holds one run: '{runId}', not '{record.RunId}'.", nameof(record));
        }

        Write((byte)record.Kind, record.Attempt, record.Rank, record.Position, record.Body.Span);
        records++;
    }

    /// <summary>Writes the end mark: the reader then knows that nothing is missing.</summary>
    public void Complete()
    {
        Span<byte> count = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(count, records);
        Write(RecordingFormat.EndKind, 0, 0, 0, count);
        complete = true;
    }

    private void Write(byte kind, int attempt, int rank, long position, ReadOnlySpan<byte> body)
    {
        if (complete)
        {
            throw new InvalidOperationException("The recording is complete.");
        }

        var size = RecordFormat.Size(runIdBytes, body.Length);
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        RecordFormat.Encode(buffer, kind, runId, runIdBytes, attempt, rank, position, body);
        RecordFormat.Seal(buffer, salt);
        target.Write(buffer, 0, size);
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
