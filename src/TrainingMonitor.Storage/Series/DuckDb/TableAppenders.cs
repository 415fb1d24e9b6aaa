using DuckDB.NET.Data;
using Google.Protobuf;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>Rows into tables through DuckDB's appender, in the transaction that is open on the connection.</summary>
internal sealed class TableAppenders
{
    private const int FixedPointColumns = 5;
    private const int FixedBlockColumns = 8;
    private readonly DuckDBConnection connection;
    private readonly int[] pointSeries;
    private readonly BlockParts parts;
    private int[] blockSeries = [];

    public TableAppenders(DuckDBConnection connection, BlockParts parts)
    {
        this.connection = connection;
        this.parts = parts;
        pointSeries = [.. Schema.Columns(connection, "points").Skip(FixedPointColumns).Select(name => SeriesCatalog.TryGetRun(name, out var series) ? (int)series : -1)];
        UseCurrentPart();
    }

    /// <summary>Bytes of layer windows since <see cref="TakeLayerBytes"/>.</summary>
    private long LayerBytes { get; set; }

    public long TakeLayerBytes()
    {
        var bytes = LayerBytes;
        LayerBytes = 0;
        return bytes;
    }

    /// <summary>After the parts have changed.</summary>
    public void UseCurrentPart() =>
        blockSeries = [.. Schema.Columns(connection, parts.Current).Skip(FixedBlockColumns).Select(name => SeriesCatalog.TryGetLayer(name, out var series) ? (int)series : -1)];

    public void RunKeys(IEnumerable<(int Key, string RunId)> keys) =>
        Append("run_keys", keys, (row, item) => row.AppendValue(item.Key).AppendValue(item.RunId));

    public void Commits(IEnumerable<(int Key, long Position)> commits) =>
        Append("commits", commits, (row, item) => row.AppendValue(item.Key).AppendValue(item.Position));

    public void Seen(IEnumerable<(int Key, string Name, bool PerLayer)> seen) =>
        Append("series_seen", seen, (row, item) => row.AppendValue(item.Key).AppendValue(item.Name).AppendValue(item.PerLayer));

    public void LayerTables(IEnumerable<(int Key, int Id, int Version, IReadOnlyList<string> Names)> tables) =>
        Append("layer_tables", tables, (row, item) => row.AppendValue(item.Id).AppendValue(item.Key).AppendValue(item.Version).AppendValue(NameList.Pack(item.Names)));

    public void Runs(IEnumerable<(RunEntry Run, RunWrites Writes)> rows) => Append("runs", rows, static (row, item) =>
    {
        var summary = RunSummary.Parser.ParseFrom(item.Writes.Row!.Summary);
        row.AppendValue(item.Run.Key).AppendValue(item.Writes.Position).AppendValue(summary.Project).AppendValue(summary.UpdatedUnixNs)
            .AppendValue(item.Writes.Row.Summary).AppendValue(item.Writes.Row.Detail);
    });

    public void Points(IEnumerable<(RunEntry Run, RunWrites Writes)> writes) => Append("points", Each(writes, item => item.Points), (row, item) =>
    {
        var point = item.Value;
        row.AppendValue(item.Key).AppendValue(point.Attempt).AppendValue(point.Segment).AppendValue(point.Step).AppendValue(point.TimeUnixNs);
        foreach (var series in pointSeries)
        {
            var value = series < 0 ? double.NaN : point.Values[series];
            if (double.IsFinite(value))
            {
                row.AppendValue(value);
            }
            else if (double.IsInfinity(value) || (series >= 0 && (point.NonFinite & (1UL << series)) != 0))
            {
                row.AppendValue(double.NaN);
            }
            else
            {
                row.AppendNullValue();
            }
        }
    });

    public void Blocks(IEnumerable<(RunEntry Run, RunWrites Writes)> writes, Func<RunEntry, LayerBlock, int> layerTable)
    {
        var blocks = writes.SelectMany(item => item.Writes.Blocks.Select(block => (item.Run, Block: block)));
        Append(parts.Current, blocks, (row, item) =>
        {
            var (run, block) = item;
            row.AppendValue(run.Key).AppendValue(block.Attempt).AppendValue(block.Segment).AppendValue(block.FirstStep).AppendValue(block.LastStep)
                .AppendValue(block.Width).AppendValue(block.TimeUnixNs).AppendValue(layerTable(run, block));
            foreach (var series in blockSeries)
            {
                if (series >= 0 && LayerBlob.Pack(block, series) is { } blob)
                {
                    LayerBytes += blob.Length;
                    row.AppendValue(blob);
                }
                else
                {
                    row.AppendNullValue();
                }
            }
        });
    }

    public void Probes(IEnumerable<(RunEntry Run, RunWrites Writes)> writes) => Append("probes", Each(writes, item => item.Probes), static (row, item) =>
    {
        var (key, point) = item;
        row.AppendValue(key).AppendValue(point.Attempt).AppendValue(point.Segment).AppendValue(point.Probe.Step).AppendValue(point.Probe.TimeUnixNs)
            .AppendValue(SeriesNames.Probe(point.Probe.Kind)[SeriesNames.ProbePrefix.Length..]).AppendValue(Stored(point.Probe.Value));
        if (double.IsFinite(point.Probe.StandardError))
        {
            row.AppendValue(point.Probe.StandardError);
        }
        else
        {
            row.AppendNullValue();
        }

        row.AppendValue(point.Probe.Converged).AppendValue(point.Rank).AppendValue(point.Evaluations).AppendValue(point.Seconds);
    });

    public void Scalars(IEnumerable<(RunEntry Run, RunWrites Writes)> writes) => Append("scalars", Each(writes, item => item.Scalars), static (row, item) =>
    {
        var (key, point) = item;
        row.AppendValue(key).AppendValue(point.Attempt).AppendValue(point.Segment).AppendValue(point.Step).AppendValue(point.TimeUnixNs)
            .AppendValue(point.Name).AppendValue(Stored(point.Value));
    });

    public void Alerts(IEnumerable<(RunEntry Run, RunWrites Writes)> writes) => Append("alerts", Each(writes, item => item.Alerts), static (row, item) =>
    {
        var (key, alert) = item;
        row.AppendValue(key).AppendValue(alert.Ordinal).AppendValue(alert.Id).AppendValue(alert.Rule).AppendValue(alert.Layer).AppendValue((int)alert.Severity)
            .AppendValue((int)alert.State).AppendValue((int)alert.Attempt).AppendValue((int)alert.Segment).AppendValue((long)alert.Step)
            .AppendValue(alert.TimeUnixNs).AppendValue(alert.ToByteArray());
    });

    private static double Stored(double value) => double.IsFinite(value) ? value : double.NaN;

    private static IEnumerable<(int Key, T Value)> Each<T>(IEnumerable<(RunEntry Run, RunWrites Writes)> writes, Func<RunWrites, IReadOnlyList<T>> values) =>
        writes.SelectMany(item => values(item.Writes).Select(value => (item.Run.Key, value)));

    private void Append<T>(string table, IEnumerable<T> items, Action<IDuckDBAppenderRow, T> fill)
    {
        using var all = items.GetEnumerator();
        if (!all.MoveNext())
        {
            return;
        }

        using var appender = connection.CreateAppender(table);
        try
        {
            do
            {
                var row = appender.CreateRow();
                fill(row, all.Current);
                row.EndRow();
            }
            while (all.MoveNext());
        }
        catch
        {
            // Otherwise closing it would write what is there so far.
            appender.Clear();
            throw;
        }

        appender.Close();
    }
}
