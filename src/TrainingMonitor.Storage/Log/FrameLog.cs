using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Storage.Log.Files;

namespace TrainingMonitor.Storage.Log;

/// <summary>The frame log in segment files. Appends go to one half of a double buffer; one thread writes and fsyncs the other half, as soon as there
/// is something, and takes what arrived meanwhile as the next group. Format: <c>docs/recording.md</c>.</summary>
public sealed class FrameLog : IFrameLog
{
    private readonly Lock gate = new();
    private readonly FrameLogOptions options;
    private readonly SegmentSet segments;
    private readonly LogWriter writer;
    private AppendBuffer front = new();
    private AppendBuffer back = new();
    private long last;
    private long pendingBytes;
    private Exception? failure;
    private bool closed;

    private FrameLog(FrameLogOptions options, SegmentSet segments, ILogger<FrameLog> logger, TimeProvider time)
    {
        this.options = options;
        this.segments = segments;
        last = segments.DurablePosition;
        writer = new LogWriter(options, segments, Swap, OnFailure, OnCommitted, logger, time);
    }

    /// <inheritdoc/>
    public long LastPosition => Volatile.Read(ref last);

    /// <inheritdoc/>
    public long DurablePosition => segments.DurablePosition;

    /// <inheritdoc/>
    public long FirstPosition => segments.FirstPosition;

    /// <inheritdoc/>
    public long PendingBytes => Volatile.Read(ref pendingBytes);

    /// <summary>Bytes of all segments.</summary>
    public long TotalBytes => segments.TotalBytes;

    /// <summary>Segments, oldest first, each with its bytes that are durable: what a copy of the log is made of. Under <see cref="Hold"/> they stay.</summary>
    public IReadOnlyList<(string Path, long Length)> Files => segments.Files;

    /// <summary>Bytes of a torn tail that were cut off when the log was opened: records that were never durable.</summary>
    public long TornBytes => segments.TornBytes;

    /// <summary>What could not be read, at the start and since.</summary>
    public IReadOnlyList<FrameLogDamage> Damage => segments.Damage;

    /// <summary>Opens the log, or starts one. Damage does not stop it: see <see cref="Damage"/>.</summary>
    /// <param name="options">Options; validated.</param>
    /// <param name="logger">Where damage and failures are said.</param>
    /// <param name="time">Clock that paces the groups.</param>
    /// <exception cref="ValidationException">An option is out of range.</exception>
    /// <exception cref="IOException">The folder cannot be created or read.</exception>
    public static FrameLog Open(FrameLogOptions options, ILogger<FrameLog> logger, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logger);
        ArgumentNullException.ThrowIfNull(time);
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        var log = new FrameLog(options, SegmentSet.Open(options, logger), logger, time);
        log.writer.Start();
        return log;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The run id or the body is too long, or the run id is not valid Unicode.</exception>
    /// <exception cref="ObjectDisposedException">The log is closed.</exception>
    public long Append(FrameRecordKind kind, string runId, int attempt, int rank, ReadOnlySpan<byte> body, IFrameLogObserver observer)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        ArgumentNullException.ThrowIfNull(observer);
        var runIdBytes = RecordFormat.Utf8.GetByteCount(runId);
        if (runIdBytes > RecordFormat.MaxRunId || body.Length > RecordFormat.MaxBody)
        {
            throw new ArgumentException($"A record holds a run id of at most {RecordFormat.MaxRunId} bytes and a body of at most {RecordFormat.MaxBody}.", nameof(body));
        }

        var size = RecordFormat.Size(runIdBytes, body.Length);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closed, this);
            if (failure is not null)
            {
                throw new IOException($"The frame log cannot write: {failure.Message}", failure);
            }

            if (pendingBytes + size > options.MaxPendingBytes)
            {
                throw new IOException($"The disk is {pendingBytes} bytes behind; the frame log takes no more until it has caught up.");
            }

            var position = last + 1;
            var wake = front.Bytes == 0;
            RecordFormat.Encode(front.Add(size, position, observer), (byte)kind, runId, runIdBytes, attempt, rank, position, body);
            Volatile.Write(ref last, position);
            Volatile.Write(ref pendingBytes, pendingBytes + size);
            if (wake)
            {
                writer.Wake();
            }

            return position;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<FrameRecord> Read(long fromPosition, string? runId = null) => segments.Read(fromPosition, runId);

    /// <summary>Keeps every segment until it is disposed, released or not.</summary>
    public IDisposable Hold() => segments.Hold();

    /// <inheritdoc/>
    public void Release(long position)
    {
        segments.Release(position);
        lock (gate)
        {
            if (!closed)
            {
                writer.Wake();
            }
        }
    }

    /// <summary>Makes everything appended durable, if the disk lets it, and closes the log.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            if (closed)
            {
                return;
            }

            closed = true;
        }

        await writer.StopAsync();
        writer.Dispose();
        segments.Dispose();
    }

    private AppendBuffer Swap()
    {
        lock (gate)
        {
            (front, back) = (back, front);
            return back;
        }
    }

    /// <summary>The group could not be written. Returns everyone who waits, for the writer to tell.</summary>
    private List<IFrameLogObserver> OnFailure(Exception error)
    {
        lock (gate)
        {
            failure = error;
            var everyone = new HashSet<IFrameLogObserver>(front.Observers, ReferenceEqualityComparer.Instance);
            everyone.UnionWith(back.Observers);
            return [.. everyone];
        }
    }

    private void OnCommitted(long bytes)
    {
        lock (gate)
        {
            failure = null;
            Volatile.Write(ref pendingBytes, pendingBytes - bytes);
        }
    }
}
