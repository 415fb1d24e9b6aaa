using Microsoft.Extensions.Logging;
using TrainingMonitor.Storage.Influx.Series;
using TrainingMonitor.Storage.Influx.Waiting;
using TrainingMonitor.Storage.Influx.Writing;
using TrainingMonitor.Storage.Spooling;

namespace TrainingMonitor.Storage.Influx;

/// <summary>Lines of one request, made of as many batches of the spool as a server likes at once: what was spooled in small pieces over an outage goes in few requests. Not thread-safe.</summary>
internal sealed class SpoolBody(ISpool spool, ILogger logger)
{
    private readonly SeriesLines lines = new(null);
    private readonly List<SpoolRecord> records = [];
    private long nonFiniteBefore;

    /// <summary>No batch is in it.</summary>
    public bool IsEmpty => records.Count == 0;

    /// <summary>The lines.</summary>
    public ReadOnlyMemory<byte> Lines => lines.Written;

    /// <summary>Sequence of its last batch; 0: it is empty.</summary>
    public long Last => IsEmpty ? 0 : records[^1].Sequence;

    /// <summary>Values in it that were left out as NaN or infinite.</summary>
    public long NonFinite => lines.NonFinite - nonFiniteBefore;

    /// <summary>Lines of batches that could not be read.</summary>
    public int Unreadable { get; private set; }

    /// <summary>Takes the batches behind a sequence, until it is full or there are none. False: there is none.</summary>
    public bool Fill(long after)
    {
        Clear();
        while (!lines.IsFull && spool.TryPeek(after, out var record))
        {
            Add(record);
            after = record.Sequence;
            records.Add(record);
        }

        return !IsEmpty;
    }

    /// <summary>The server has them: the spool may forget them.</summary>
    public void Remove()
    {
        foreach (var record in records)
        {
            spool.Remove(record);
        }

        Clear();
    }

    /// <summary>Empties it; the spool keeps its batches.</summary>
    public void Clear()
    {
        records.Clear();
        lines.Flush();
        nonFiniteBefore = lines.NonFinite;
        Unreadable = 0;
    }

    private void Add(SpoolRecord record)
    {
        if (!WritesDecoder.IsWrites(record.Body.Span))
        {
            lines.AddLines(record.Body.Span, record.Lines);
            return;
        }

        try
        {
            lines.Add(WritesDecoder.Read(record.Body.Span));
        }
        catch (Exception error)
        {
            // Its bytes are as they were written: another version wrote it, or a defect of ours did. The others go on.
            Unreadable += record.Lines;
            InfluxMessages.Unreadable(logger, record.Lines, error);
        }
    }
}
