using System.Globalization;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Storage.Influx.Lines;
using TrainingMonitor.Storage.Influx.Series;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Storage.Influx.Reading;

/// <summary>Reads back what <see cref="SeriesLines"/> has written.</summary>
internal sealed class RunLoader(InfluxQuery query)
{
    private static readonly Dictionary<string, ProbeKind> Kinds =
        Enum.GetValues<ProbeKind>().ToDictionary(kind => SeriesNames.Probe(kind)[SeriesNames.ProbePrefix.Length..], StringComparer.Ordinal);

    /// <summary>Everything the selection names, as one write.</summary>
    public async Task<RunWrites> LoadAsync(RunSelection selection, CancellationToken cancellationToken) => new(selection.RunId, 1)
    {
        Points = await PointsAsync(selection, cancellationToken),
        Scalars = await ScalarsAsync(selection, cancellationToken),
        Probes = selection.Probes ? await ProbesAsync(selection, cancellationToken) : [],
        Blocks = await BlocksAsync(selection, cancellationToken),
    };

    /// <summary>First and last step of each segment, over everything in it.</summary>
    public async Task<List<(int Attempt, int Segment, long First, long Last)>> BoundsAsync(RunSelection selection, CancellationToken cancellationToken)
    {
        var bounds = new Dictionary<(int, int), (long First, long Last)>();
        var (step, last) = (InfluxQuery.Quote(InfluxSchema.Step), InfluxQuery.Quote(InfluxSchema.LastStep));
        var all = selection with { FromStep = null, ToStep = null };
        foreach (var (measurement, to) in new[] { (InfluxSchema.Run, step), (InfluxSchema.Scalar, step), (InfluxSchema.Probe, step), (InfluxSchema.Layer, last) })
        {
            await foreach (var chunk in query.RunAsync($"SELECT MIN({step}) AS a, MAX({to}) AS b {From(measurement, all)} {Groups()}", cancellationToken))
            {
                var key = (chunk.IntTag("attempt"), chunk.IntTag("segment"));
                foreach (var row in chunk.Rows)
                {
                    var (from, until) = (chunk.Integer(row, "a")!.Value, chunk.Integer(row, "b")!.Value);
                    bounds[key] = bounds.TryGetValue(key, out var known) ? (Math.Min(known.First, from), Math.Max(known.Last, until)) : (from, until);
                }
            }
        }

        return [.. bounds.Select(item => (item.Key.Item1, item.Key.Item2, item.Value.First, item.Value.Last))];
    }

    private async Task<List<RunPoint>> PointsAsync(RunSelection selection, CancellationToken cancellationToken)
    {
        if (selection.Points is { Count: 0 })
        {
            return [];
        }

        var fields = selection.Points?.SelectMany(name => new[] { name, name + InfluxSchema.NonFiniteSuffix }).Select(LineKey.Of).Prepend(InfluxSchema.Step);
        var points = new List<RunPoint>();
        await foreach (var chunk in query.RunAsync($"SELECT {List(fields)} {From(InfluxSchema.Run, selection)}{Steps(selection, InfluxSchema.Step)} {Groups()}", cancellationToken))
        {
            var (attempt, segment) = (chunk.IntTag("attempt"), chunk.IntTag("segment"));
            var columns = chunk.Columns.ToHashSet(StringComparer.Ordinal);
            foreach (var row in chunk.Rows)
            {
                var values = new double[SeriesCatalog.RunCount];
                var nonFinite = 0UL;
                for (var i = 0; i < values.Length; i++)
                {
                    var (value, mark) = InfluxSchema.RunFields[i];
                    values[i] = columns.Contains(value.Name) ? chunk.Number(row, value.Name) ?? double.NaN : double.NaN;
                    nonFinite |= columns.Contains(mark.Name) && chunk.Integer(row, mark.Name) > 0 ? 1UL << i : 0;
                }

                points.Add(new RunPoint(attempt, segment, chunk.Integer(row, "step")!.Value, chunk.Integer(row, "time")!.Value, values, nonFinite));
            }
        }

        return points;
    }

    private async Task<List<ScalarPoint>> ScalarsAsync(RunSelection selection, CancellationToken cancellationToken)
    {
        if (selection.Scalars is { Count: 0 })
        {
            return [];
        }

        var names = selection.Scalars is { } some ? $" AND ({string.Join(" OR ", some.Select(name => InfluxQuery.Is(InfluxSchema.NameTag, name)))})" : "";
        var scalars = new List<ScalarPoint>();
        await foreach (var chunk in query.RunAsync(
            $"SELECT {List([InfluxSchema.Step, InfluxSchema.Value])} {From(InfluxSchema.Scalar, selection)}{names}{Steps(selection, InfluxSchema.Step)} {Groups(InfluxSchema.NameTag)}", cancellationToken))
        {
            var (attempt, segment, name) = (chunk.IntTag("attempt"), chunk.IntTag("segment"), chunk.Tag("name"));
            scalars.AddRange(chunk.Rows.Select(row => new ScalarPoint(
                attempt, segment, chunk.Integer(row, "step")!.Value, chunk.Integer(row, "time")!.Value, name, chunk.Number(row, "value") ?? double.NaN)));
        }

        return scalars;
    }

    private async Task<List<ProbePoint>> ProbesAsync(RunSelection selection, CancellationToken cancellationToken)
    {
        var probes = new List<ProbePoint>();
        await foreach (var chunk in query.RunAsync(
            $"SELECT {List([InfluxSchema.Step, InfluxSchema.Value, InfluxSchema.StandardError, InfluxSchema.Converged, InfluxSchema.Evaluations, InfluxSchema.Seconds])} {From(InfluxSchema.Probe, selection)}{Steps(selection, InfluxSchema.Step)} {Groups(InfluxSchema.KindTag, InfluxSchema.RankTag)}",
            cancellationToken))
        {
            if (!Kinds.TryGetValue(chunk.Tag("kind"), out var kind))
            {
                continue;
            }

            var (attempt, segment, rank) = (chunk.IntTag("attempt"), chunk.IntTag("segment"), chunk.IntTag("rank"));
            probes.AddRange(chunk.Rows.Select(row => new ProbePoint(
                attempt,
                segment,
                rank,
                new ProbeInput(
                    kind,
                    chunk.Integer(row, "step")!.Value,
                    chunk.Integer(row, "time")!.Value,
                    chunk.Number(row, "value") ?? double.NaN,
                    chunk.Number(row, "standard_error") ?? double.NaN,
                    chunk.Truth(row, "converged") ?? false),
                (int)(chunk.Integer(row, "evaluations") ?? 0),
                chunk.Number(row, "seconds") ?? 0)));
        }

        return probes;
    }

    private async Task<List<LayerBlock>> BlocksAsync(RunSelection selection, CancellationToken cancellationToken)
    {
        if (selection.LayerSeries is { Count: 0 })
        {
            return [];
        }

        var series = selection.LayerSeries is { } some
            ? some.Select(name => SeriesCatalog.TryGetLayer(name, out var known) ? known : throw new ArgumentException($"'{name}' is no layer series.", nameof(selection))).ToArray()
            : Enum.GetValues<LayerSeries>();
        var fields = series.Select(one => InfluxSchema.LayerFields[(int)one]).SelectMany(of => new[] { of.Min, of.Max, of.Mean, of.Last, of.Count, of.NonFinite });
        var only = selection.Layer is { } layer ? " AND " + InfluxQuery.Is(InfluxSchema.LayerTag, layer) : "";
        var builder = new BlockBuilder(series);
        await foreach (var chunk in query.RunAsync(
            $"SELECT {List([InfluxSchema.Step, InfluxSchema.LastStep, InfluxSchema.Width, InfluxSchema.Table, InfluxSchema.Index, .. fields])} {From(InfluxSchema.Layer, selection)}{only}{Steps(selection, InfluxSchema.LastStep)} {Groups(InfluxSchema.LayerTag)}",
            cancellationToken))
        {
            builder.Add(chunk);
        }

        return builder.Build();
    }

    private static string List(IEnumerable<LineKey>? fields) => fields is null ? "*" : string.Join(", ", fields.Select(InfluxQuery.Quote));

    private static string From(LineKey measurement, RunSelection selection)
    {
        var attempt = selection.Attempt is { } a ? " AND " + InfluxQuery.Is(InfluxSchema.AttemptTag, a.ToString(CultureInfo.InvariantCulture)) : "";
        var segment = selection.Segment is { } s ? " AND " + InfluxQuery.Is(InfluxSchema.SegmentTag, s.ToString(CultureInfo.InvariantCulture)) : "";
        return $"FROM {InfluxQuery.Quote(measurement)} WHERE {InfluxQuery.Is(InfluxSchema.RunTag, selection.RunId)}{attempt}{segment}";
    }

    /// <summary>A point belongs to the range by its step, a window if any of its steps does.</summary>
    private static string Steps(RunSelection selection, LineKey last) =>
        (selection.FromStep is { } from ? string.Create(CultureInfo.InvariantCulture, $" AND {InfluxQuery.Quote(last)} >= {from:F6}") : "")
        + (selection.ToStep is { } to ? string.Create(CultureInfo.InvariantCulture, $" AND {InfluxQuery.Quote(InfluxSchema.Step)} <= {to:F6}") : "");

    private static string Groups(params LineKey[] more) => "GROUP BY " + string.Join(", ", new[] { InfluxSchema.AttemptTag, InfluxSchema.SegmentTag }.Concat(more).Select(InfluxQuery.Quote));
}
