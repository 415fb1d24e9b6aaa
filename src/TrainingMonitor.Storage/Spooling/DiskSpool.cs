using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Storage.Spooling.Files;

namespace TrainingMonitor.Storage.Spooling;

/// <summary>A spool in a folder: what was appended survives kill -9 and a power loss. A disk that fails (full, no permission, gone) costs the durability of what comes
/// meanwhile, which waits in memory, and nothing else.</summary>
public sealed class DiskSpool : ISpool
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);
    private readonly Lock held = new();
    private readonly SpoolOptions options;
    private readonly ILogger logger;
    private readonly TimeProvider time;
    private readonly MemorySpool overflow;
    private SpoolFolder? folder;
    private byte[] buffer = new byte[64 << 10];
    private bool failing;
    private long failedAt;
    private long next = 1;

    // The newest that was removed: a second removal is not one of a batch that was dropped.
    private long settled;

    private DiskSpool(SpoolOptions options, TimeProvider time, ILogger logger)
    {
        this.options = options;
        this.time = time;
        this.logger = logger;
        Counters = new SpoolCounters();
        overflow = new MemorySpool(options.MemoryBytes, Counters);
    }

    /// <inheritdoc/>
    public SpoolCounters Counters { get; }

    /// <summary>Opens the folder. One that cannot be used is tried again as batches come.</summary>
    /// <param name="options">Options; validated.</param>
    /// <param name="time">Clock of the attempts after a failure.</param>
    /// <param name="logger">Where damage and failures are said.</param>
    /// <exception cref="ValidationException">An option is out of range.</exception>
    public static DiskSpool Open(SpoolOptions options, TimeProvider time, ILogger<DiskSpool> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(logger);
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        var spool = new DiskSpool(options, time, logger);
        spool.OnDisk(static (_, _) => true);
        return spool;
    }

    /// <inheritdoc/>
    public bool Append(ReadOnlySpan<byte> body, int lines) => Append([new SpoolBatch(body.ToArray(), lines)]);

    /// <inheritdoc/>
    public bool Append(IReadOnlyList<SpoolBatch> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        lock (held)
        {
            var fitting = Fitting(batches);
            var kept = 0;
            if (fitting.Count > 0 && (!failing || time.GetElapsedTime(failedAt) >= RetryInterval))
            {
                OnDisk((disk, spool) =>
                {
                    disk.Append(fitting, spool.next, ref kept);
                    spool.Mended();
                    return true;
                });
                for (var i = 0; i < kept; i++)
                {
                    Counters.Append(fitting[i].Lines, fitting[i].Body.Length);
                }

                next += kept;
            }

            for (var i = kept; i < fitting.Count; i++)
            {
                overflow.Append(fitting[i].Body.Span, fitting[i].Lines, next++);
            }

            return fitting.Count == batches.Count;
        }
    }

    /// <inheritdoc/>
    public bool TryPeek(long after, out SpoolRecord record)
    {
        lock (held)
        {
            var inMemory = overflow.TryPeek(after, out var waiting);
            SpoolHeader header = default;
            if (folder is not null && OnDisk((disk, spool) => disk.TryPeek(after, ref spool.buffer, out header)) && !(inMemory && waiting.Sequence < header.Sequence))
            {
                record = new SpoolRecord(header.Sequence, header.Lines, buffer.AsMemory(0, header.Length));
                return true;
            }

            record = waiting;
            return inMemory;
        }
    }

    /// <inheritdoc/>
    public void Remove(in SpoolRecord record)
    {
        lock (held)
        {
            var sequence = record.Sequence;
            var known = true;
            if (overflow.TryPeek(0, out var waiting) && waiting.Sequence == sequence && waiting.Body.Equals(record.Body))
            {
                overflow.Remove(record);
            }
            else if (folder is null)
            {
                known = false;
            }
            else
            {
                // A disk that fails says nothing about the batch: it stays known.
                OnDisk((disk, _) => known = disk.Remove(sequence));
            }

            if (!known && sequence > settled)
            {
                Counters.Regain(record.Lines);
            }

            settled = Math.Max(settled, sequence);
        }
    }

    /// <summary>Closes the files. What waits in memory is gone, and counted.</summary>
    public void Dispose()
    {
        lock (held)
        {
            while (overflow.TryPeek(0, out var record))
            {
                Counters.Drop(record.Lines, 1, record.Body.Length);
                overflow.Forget();
            }

            folder?.Dispose();
            folder = null;
        }
    }

    private IReadOnlyList<SpoolBatch> Fitting(IReadOnlyList<SpoolBatch> batches)
    {
        if (batches.All(batch => batch.Body.Length + SpoolFormat.HeaderSize <= options.CapBytes))
        {
            return batches;
        }

        var fitting = batches.Where(batch => batch.Body.Length + SpoolFormat.HeaderSize <= options.CapBytes).ToList();
        foreach (var batch in batches.Where(batch => batch.Body.Length + SpoolFormat.HeaderSize > options.CapBytes))
        {
            Counters.Append(batch.Lines, batch.Body.Length);
            Counters.Drop(batch.Lines, 1, batch.Body.Length);
        }

        return fitting;
    }

    // Only a write shows it: what is there can be read from a full disk.
    private void Mended()
    {
        if (failing)
        {
            failing = false;
            SpoolMessages.Mended(logger, options.Folder);
        }
    }

    private bool OnDisk(Func<SpoolFolder, DiskSpool, bool> action)
    {
        try
        {
            if (folder is null)
            {
                folder = SpoolFolder.Open(options, Counters, logger);
                next = Math.Max(next, folder.LastSequence + 1);
            }

            return action(folder, this);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Counters.Fail();
            failedAt = time.GetTimestamp();
            if (!failing)
            {
                failing = true;
                SpoolMessages.Failed(logger, options.Folder, error);
            }

            return false;
        }
    }
}
