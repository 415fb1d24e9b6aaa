using Microsoft.Extensions.Logging;
using TrainingMonitor.Storage.Influx.Waiting;
using TrainingMonitor.Storage.Influx.Writing;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Spooling;

namespace TrainingMonitor.Storage.Influx;

/// <summary>Puts writes into the spool: a few megabytes at a time, each synced once. Not thread-safe; does not throw.</summary>
internal sealed class SinkSpooler(ISpool spool, Action appended, ILogger logger)
{
    private const int MostBytes = 4 << 20;
    private readonly WritesEncoder encoder = new();

    /// <summary>Adds a write.</summary>
    public void Add(RunWrites writes)
    {
        try
        {
            encoder.Add(writes);
        }
        catch (Exception error)
        {
            // A write that has no form is a defect of ours; the store takes it and goes on.
            InfluxMessages.NotWritten(logger, writes.RunId, writes.Position, error);
        }

        if (encoder.Bytes >= MostBytes)
        {
            Flush();
        }
    }

    /// <summary>Makes what was added durable.</summary>
    public void Flush()
    {
        if (encoder.Bytes > 0)
        {
            spool.Append(encoder.Take());
            appended();
        }
    }
}
