namespace TrainingMonitor.Storage.Influx;

/// <summary>Numbers of a sink by name; what counts up ends in "total".</summary>
public static class InfluxSinkMetrics
{
    /// <summary>Adds the numbers of now.</summary>
    public static void CopyTo(InfluxSink sink, IDictionary<string, double> target)
    {
        ArgumentNullException.ThrowIfNull(sink);
        ArgumentNullException.ThrowIfNull(target);
        var (sent, spooled) = (sink.Counters, sink.Spooled);
        target["influx_requests_total"] = sent.Requests;
        target["influx_bytes_total"] = sent.Bytes;
        target["influx_not_now_total"] = sent.Kept;
        target["influx_lines_spooled_total"] = spooled.AppendedLines;
        target["influx_lines_accepted_total"] = sent.Accepted;
        target["influx_lines_beyond_retention_total"] = sent.BeyondRetention;
        target["influx_lines_dead_total"] = sent.DeadLetters;
        target["influx_lines_shed_total"] = sink.ShedLines;
        target["influx_lines_dropped_total"] = spooled.DroppedLines;
        target["influx_lines_damaged_total"] = spooled.DamagedLines;
        target["influx_values_nonfinite_total"] = sink.NonFinite;
        target["influx_spool_failures_total"] = spooled.Failures;
        target["influx_spool_batches"] = spooled.Records;
        target["influx_spool_bytes"] = spooled.Bytes;
        target["influx_behind_seconds"] = sink.BehindSeconds;
    }
}
