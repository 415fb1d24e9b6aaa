using Google.Protobuf;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Spooling;

namespace TrainingMonitor.Storage.Influx.Waiting;

/// <summary>Turns writes of runs into records of a spool: numbers as they lie in memory, a tenth of the time and a fifth of the bytes of lines, which are made when a server asks for
/// them. Once the buffer has grown little is allocated. Not thread-safe.</summary>
internal sealed class WritesEncoder
{
    // So that what is sent can be put together to the size a server likes, whatever a line comes to.
    private const int MostBytes = 64 << 10;
    private const int MostLines = 1000;
    private readonly ByteWriter writer = new();
    private readonly List<(int Start, int End, int Lines)> records = [];
    private readonly List<IReadOnlyList<string>> layerNames = [];
    private int start;
    private int lines;

    /// <summary>Bytes in all records.</summary>
    public int Bytes => writer.Length;

    /// <summary>Adds points, windows, probes, scalars and alerts.</summary>
    /// <exception cref="Exception">Something has no form; what came before it is kept.</exception>
    public void Add(RunWrites writes)
    {
        ArgumentNullException.ThrowIfNull(writes);
        try
        {
            Items(writes, writes.Points, Write);
            Items(writes, writes.Blocks, Write);
            Items(writes, writes.Probes, Write);
            Items(writes, writes.Scalars, Write);
            Items(writes, writes.Alerts, Write);
        }
        finally
        {
            End();
        }
    }

    /// <summary>The records, valid until the next call.</summary>
    public IReadOnlyList<SpoolBatch> Take()
    {
        var taken = records.ConvertAll(record => new SpoolBatch(writer.Written[record.Start..record.End], record.Lines));
        records.Clear();
        writer.CutTo(0);
        return taken;
    }

    private void Items<T>(RunWrites writes, IReadOnlyList<T> items, Action<T> write)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (lines == 0)
            {
                Begin(writes);
            }

            var before = writer.Length;
            try
            {
                write(items[i]);
            }
            catch
            {
                writer.CutTo(before);
                throw;
            }

            if (lines >= MostLines || writer.Length - start >= MostBytes)
            {
                End();
            }
        }
    }

    private void Begin(RunWrites writes)
    {
        start = writer.Length;
        layerNames.Clear();
        writer.Write(WritesFormat.First);
        writer.Write(WritesFormat.Version);
        writer.Write(SeriesNameList.Own.Length);
        writer.Write(SeriesNameList.Own.AsSpan());
        writer.Write(writes.RunId);
        writer.Write(writes.Project);
    }

    private void End()
    {
        if (lines > 0)
        {
            records.Add((start, writer.Length, lines));
        }
        else
        {
            writer.CutTo(records.Count == 0 ? 0 : records[^1].End);
        }

        lines = 0;
    }

    private void Write(RunPoint point)
    {
        writer.Write(WritesFormat.Point);
        writer.Write(point.Attempt);
        writer.Write(point.Segment);
        writer.Write(point.Step);
        writer.Write(point.TimeUnixNs);
        writer.Write(point.NonFinite);
        var present = 0UL;
        var values = point.Values;
        for (var i = 0; i < values.Length; i++)
        {
            present |= double.IsNaN(values[i]) ? 0 : 1UL << i;
        }

        writer.Write(present);
        for (var i = 0; i < values.Length; i++)
        {
            if (!double.IsNaN(values[i]))
            {
                writer.Write(values[i]);
            }
        }

        lines++;
    }

    private void Write(LayerBlock block)
    {
        var names = layerNames.FindIndex(known => ReferenceEquals(known, block.LayerNames));
        if (names < 0)
        {
            names = layerNames.Count;
            writer.Write(WritesFormat.LayerNames);
            writer.Write(block.LayerNames.Count);
            for (var i = 0; i < block.LayerNames.Count; i++)
            {
                writer.Write(block.LayerNames[i]);
            }

            layerNames.Add(block.LayerNames);
        }

        writer.Write(WritesFormat.Block);
        writer.Write(names);
        BlockForm.Write(writer, block);
        lines += block.LayerNames.Count;
    }

    private void Write(ProbePoint probe)
    {
        writer.Write(WritesFormat.Probe);
        writer.Write(probe.Attempt);
        writer.Write(probe.Segment);
        writer.Write(probe.Rank);
        writer.Write((int)probe.Probe.Kind);
        writer.Write(probe.Probe.Step);
        writer.Write(probe.Probe.TimeUnixNs);
        writer.Write(probe.Probe.Value);
        writer.Write(probe.Probe.StandardError);
        writer.Write(probe.Probe.Converged ? (byte)1 : (byte)0);
        writer.Write(probe.Evaluations);
        writer.Write(probe.Seconds);
        lines++;
    }

    private void Write(ScalarPoint scalar)
    {
        writer.Write(WritesFormat.Scalar);
        writer.Write(scalar.Attempt);
        writer.Write(scalar.Segment);
        writer.Write(scalar.Step);
        writer.Write(scalar.TimeUnixNs);
        writer.Write(scalar.Name ?? "");
        writer.Write(scalar.Value);
        lines++;
    }

    private void Write(Alert alert)
    {
        var size = alert.CalculateSize();
        writer.Write(WritesFormat.Alert);
        writer.Write(size);
        alert.WriteTo(writer.Room(size));
        lines++;
    }
}
