using System.Numerics;
using Google.Protobuf;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Influx.Lines;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Storage.Influx.Series;

/// <summary>Turns writes of runs into bodies of lines. The same writes give the same lines: a point's stamp is the trainer's and its tags are what it is of, so that
/// sending it again replaces it by itself. Not thread-safe.</summary>
/// <param name="take">Gets each body and its number of lines; the bytes are valid during the call. Null: whoever adds takes what is <see cref="Written"/>.</param>
public sealed class SeriesLines(Action<ReadOnlyMemory<byte>, int>? take)
{
    // What the server's documentation calls best, and well below every limit on a body.
    private const int MostLines = 5000;
    private const int MostBytes = 1 << 20;
    private readonly LineWriter writer = new(MostBytes + (64 << 10));

    /// <summary>Values left out because they are NaN or infinite. The series' own marks are counted by the trainer's word, not here.</summary>
    public long NonFinite => writer.NonFinite;

    /// <summary>Fields written.</summary>
    public long Fields => writer.Fields;

    /// <summary>Lines that were not handed on.</summary>
    public ReadOnlyMemory<byte> Written => writer.Written;

    /// <summary>They are as many as a server likes in a request.</summary>
    public bool IsFull => writer.Lines >= MostLines || writer.Written.Length >= MostBytes;

    /// <summary>Adds points, windows, probes, scalars and alerts. What fills a body is handed on; the rest waits for <see cref="Flush"/>.</summary>
    public void Add(RunWrites writes)
    {
        ArgumentNullException.ThrowIfNull(writes);
        // By index: an enumerator of an interface is an allocation.
        for (var i = 0; i < writes.Points.Count; i++)
        {
            Add(writes, writes.Points[i]);
        }

        for (var i = 0; i < writes.Blocks.Count; i++)
        {
            Add(writes, writes.Blocks[i]);
        }

        for (var i = 0; i < writes.Probes.Count; i++)
        {
            Add(writes, writes.Probes[i]);
        }

        for (var i = 0; i < writes.Scalars.Count; i++)
        {
            Add(writes, writes.Scalars[i]);
        }

        for (var i = 0; i < writes.Alerts.Count; i++)
        {
            Add(writes, writes.Alerts[i]);
        }
    }

    /// <summary>Hands on what is left.</summary>
    public void Flush()
    {
        if (writer.Lines > 0)
        {
            take?.Invoke(writer.Written, writer.Lines);
            writer.Clear();
        }
    }

    /// <summary>Adds lines that are made.</summary>
    internal void AddLines(ReadOnlySpan<byte> made, int count) => writer.AddLines(made, count);

    /// <summary>Adds the newest row of a run, stamped by the writer's clock.</summary>
    internal void AddRow(RunWrites writes, long timeUnixNs)
    {
        writer.Begin(InfluxSchema.Row);
        writer.Tag(InfluxSchema.RunTag, writes.RunId);
        writer.Field(InfluxSchema.Position, writes.Position);
        writer.Field(InfluxSchema.Summary, writes.Row!.Summary.AsSpan());
        writer.Field(InfluxSchema.Detail, writes.Row.Detail.AsSpan());
        End(timeUnixNs);
    }

    /// <summary>Adds a committed position.</summary>
    internal void AddCommit(string runId, long position, long timeUnixNs)
    {
        writer.Begin(InfluxSchema.Commit);
        writer.Tag(InfluxSchema.RunTag, runId);
        writer.Field(InfluxSchema.Position, position);
        End(timeUnixNs);
    }

    private void Add(RunWrites writes, RunPoint point)
    {
        writer.Begin(InfluxSchema.Run);
        writer.Tag(InfluxSchema.AttemptTag, point.Attempt);
        OfRun(writes, point.Segment);
        writer.Field(InfluxSchema.Step, point.Step);
        for (var i = 0; i < point.Values.Length; i++)
        {
            // NaN is absence here, as most series are of most steps: nothing to count.
            if (!double.IsNaN(point.Values[i]))
            {
                writer.Field(InfluxSchema.RunFields[i].Value, point.Values[i]);
            }
        }

        for (var bits = point.NonFinite; bits != 0; bits &= bits - 1)
        {
            writer.Field(InfluxSchema.RunFields[BitOperations.TrailingZeroCount(bits)].NonFinite, 1L);
        }

        End(point.TimeUnixNs);
    }

    private void Add(RunWrites writes, LayerBlock block)
    {
        var layers = block.LayerNames.Count;
        for (var layer = 0; layer < layers; layer++)
        {
            writer.Begin(InfluxSchema.Layer);
            writer.Tag(InfluxSchema.AttemptTag, block.Attempt);
            writer.Tag(InfluxSchema.LayerTag, block.LayerNames[layer]);
            OfRun(writes, block.Segment);
            writer.Field(InfluxSchema.Step, block.FirstStep);
            writer.Field(InfluxSchema.LastStep, block.LastStep);
            writer.Field(InfluxSchema.Width, block.Width);
            writer.Field(InfluxSchema.Table, (long)block.TableVersion);
            writer.Field(InfluxSchema.Index, (long)layer);
            for (var series = 0; series < InfluxSchema.LayerFields.Length; series++)
            {
                Add(block, (series * layers) + layer, InfluxSchema.LayerFields[series]);
            }

            End(block.TimeUnixNs);
        }
    }

    // Of a single value the mean says all: the first windows of a run are of one step each, and many.
    private void Add(LayerBlock block, int i, LayerFields fields)
    {
        if (block.Count[i] > 0)
        {
            writer.Field(fields.Mean, block.Mean[i]);
        }

        if (block.Count[i] > 1)
        {
            writer.Field(fields.Min, block.Min[i]);
            writer.Field(fields.Max, block.Max[i]);
            writer.Field(fields.Last, block.Last[i]);
            writer.Field(fields.Count, (long)block.Count[i]);
        }

        if (block.NonFinite[i] > 0)
        {
            writer.Field(fields.NonFinite, (long)block.NonFinite[i]);
        }
    }

    private void Add(RunWrites writes, ProbePoint probe)
    {
        writer.Begin(InfluxSchema.Probe);
        writer.Tag(InfluxSchema.AttemptTag, probe.Attempt);
        writer.Tag(InfluxSchema.KindTag, SeriesNames.Probe(probe.Probe.Kind).AsSpan(SeriesNames.ProbePrefix.Length));
        writer.Tag(InfluxSchema.ProjectTag, writes.Project);
        writer.Tag(InfluxSchema.RankTag, probe.Rank);
        writer.Tag(InfluxSchema.RunTag, writes.RunId);
        writer.Tag(InfluxSchema.SegmentTag, probe.Segment);
        writer.Field(InfluxSchema.Step, probe.Probe.Step);
        if (!writer.Field(InfluxSchema.Value, probe.Probe.Value))
        {
            writer.Field(InfluxSchema.NonFinite, 1L);
        }

        if (!double.IsNaN(probe.Probe.StandardError))
        {
            writer.Field(InfluxSchema.StandardError, probe.Probe.StandardError);
        }

        writer.Field(InfluxSchema.Converged, probe.Probe.Converged);
        writer.Field(InfluxSchema.Evaluations, (long)probe.Evaluations);
        writer.Field(InfluxSchema.Seconds, probe.Seconds);
        End(probe.Probe.TimeUnixNs);
    }

    private void Add(RunWrites writes, ScalarPoint scalar)
    {
        writer.Begin(InfluxSchema.Scalar);
        writer.Tag(InfluxSchema.AttemptTag, scalar.Attempt);
        writer.Tag(InfluxSchema.NameTag, scalar.Name);
        OfRun(writes, scalar.Segment);
        writer.Field(InfluxSchema.Step, scalar.Step);
        if (!writer.Field(InfluxSchema.Value, scalar.Value))
        {
            writer.Field(InfluxSchema.NonFinite, 1L);
        }

        End(scalar.TimeUnixNs);
    }

    // The state is a tag: an alert may become pending and firing at the same stamp, and both stay.
    private void Add(RunWrites writes, Alert alert)
    {
        writer.Begin(InfluxSchema.Alert);
        writer.Tag(InfluxSchema.AttemptTag, alert.Attempt);
        writer.Tag(InfluxSchema.LayerTag, alert.Layer);
        writer.Tag(InfluxSchema.ProjectTag, writes.Project);
        writer.Tag(InfluxSchema.RuleTag, alert.Rule);
        writer.Tag(InfluxSchema.RunTag, writes.RunId);
        writer.Tag(InfluxSchema.SegmentTag, alert.Segment);
        writer.Tag(InfluxSchema.SeverityTag, Word(alert.Severity));
        writer.Tag(InfluxSchema.StateTag, Word(alert.State));
        writer.Field(InfluxSchema.Id, alert.Id.AsSpan());
        writer.Field(InfluxSchema.Ordinal, (long)alert.Ordinal);
        writer.Field(InfluxSchema.Step, (long)alert.Step);
        writer.Field(InfluxSchema.SinceStep, (long)alert.SinceStep);
        if (alert.Evidence is { } evidence)
        {
            // NaN says: no number decided.
            if (!double.IsNaN(evidence.Value))
            {
                writer.Field(InfluxSchema.Value, evidence.Value);
            }

            if (!double.IsNaN(evidence.Threshold))
            {
                writer.Field(InfluxSchema.Threshold, evidence.Threshold);
            }
        }

        writer.Field(InfluxSchema.Summary, alert.Summary.AsSpan());
        writer.Field(InfluxSchema.Advice, alert.Advice.AsSpan());
        writer.Field(InfluxSchema.Body, alert.ToByteArray().AsSpan());
        End(alert.TimeUnixNs);
    }

    private static string Word(Severity severity) => severity switch { Severity.Info => "info", Severity.Warning => "warning", Severity.Critical => "critical", _ => "" };

    private static string Word(AlertState state) => state switch { AlertState.Pending => "pending", AlertState.Firing => "firing", AlertState.Resolved => "resolved", _ => "" };

    private void OfRun(RunWrites writes, int segment)
    {
        writer.Tag(InfluxSchema.ProjectTag, writes.Project);
        writer.Tag(InfluxSchema.RunTag, writes.RunId);
        writer.Tag(InfluxSchema.SegmentTag, segment);
    }

    private void End(long timeUnixNs)
    {
        writer.End(timeUnixNs);
        if (take is not null && IsFull)
        {
            Flush();
        }
    }
}
