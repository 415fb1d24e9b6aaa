using System.Globalization;
using DuckDB.NET.Data;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>Which rows of a run a query is about, and their x.</summary>
internal sealed class Selection
{
    private readonly List<StepRange> ranges;
    private readonly XAxis axis;
    private readonly string limits;

    private Selection(int run, List<StepRange> ranges, XAxis axis, double? from, double? to)
    {
        Run = run;
        this.ranges = ranges;
        this.axis = axis;
        From = from;
        To = to;
        limits = (from is { } low ? $" AND x >= {Sql.Literal(low)}" : "") + (to is { } high ? $" AND x <= {Sql.Literal(high)}" : "");
    }

    public int Run { get; }

    public double? From { get; }

    public double? To { get; }

    public static Selection Create(DuckDBConnection connection, int run, SeriesRequest request)
    {
        var only = (request.HasAttempt ? $" AND attempt = {request.Attempt}" : "") + (request.HasSegment ? $" AND segment = {request.Segment}" : "");
        var segments = connection.Query(
            row => new StepRange(row.GetInt32(0), row.GetInt32(1), row.GetInt64(2), row.GetInt64(3)),
            $"""
            SELECT attempt, segment, min(a)::BIGINT, max(b)::BIGINT FROM (
                SELECT attempt, segment, min(step) AS a, max(step) AS b FROM points WHERE run = {run}{only} GROUP BY ALL
                UNION ALL SELECT attempt, segment, min(first_step), max(last_step) FROM blocks WHERE run = {run}{only} GROUP BY ALL
                UNION ALL SELECT attempt, segment, min(step), max(step) FROM scalars WHERE run = {run}{only} GROUP BY ALL
                UNION ALL SELECT attempt, segment, min(step), max(step) FROM probes WHERE run = {run}{only} GROUP BY ALL)
            GROUP BY ALL
            """);
        return new Selection(
            run,
            StepRanges.Newest(segments),
            request.XAxis == XAxis.Unspecified ? XAxis.Step : request.XAxis,
            request.HasFrom ? request.From : null,
            request.HasTo ? request.To : null);
    }

    /// <summary>Run-level rows: attempt, segment, step, x and the columns.</summary>
    public string Points(IEnumerable<string> columns)
    {
        var list = string.Concat(columns.Select((name, i) => string.Create(CultureInfo.InvariantCulture, $", {Sql.Name(name)} AS v{i}")));
        return $"SELECT * FROM (SELECT attempt, segment, step, {AxisOfPoints()} AS x{list} FROM points WHERE run = {Run} AND {StepRanges.Condition(ranges, "", "step", "step")}) WHERE isfinite(x){limits}";
    }

    /// <summary>Rows of probes or scalars: attempt, segment, step, x, v0. The name is the parameter.</summary>
    public string Named(string table)
    {
        var rows = $"SELECT attempt, segment, step, time_ns, value AS v0 FROM {table} WHERE run = {Run} AND name = ? AND {StepRanges.Condition(ranges, "", "step", "step")}";
        var joined = axis switch
        {
            XAxis.Step => $"SELECT attempt, segment, step, step::DOUBLE AS x, v0 FROM ({rows})",
            XAxis.Time => $"SELECT attempt, segment, step, time_ns::DOUBLE / 1e9 AS x, v0 FROM ({rows})",
            _ => $"SELECT r.attempt, r.segment, r.step, a.x, r.v0 FROM ({rows}) r {JoinAxis("r", "step")}",
        };
        return $"SELECT * FROM ({joined}) WHERE isfinite(x){limits}";
    }

    /// <summary>Layer windows: attempt, segment, last step, x (of the last step), layer table and the columns. On the step axis a window belongs to the
    /// range if any of its steps does.</summary>
    public string Blocks(IEnumerable<string> columns)
    {
        var list = string.Concat(columns.Select(name => ", r." + Sql.Name(name)));
        var rows = $"SELECT * FROM blocks WHERE run = {Run} AND {StepRanges.Condition(ranges, "", "first_step", "last_step")}";
        if (axis == XAxis.Step)
        {
            var overlap = (From is { } from ? $" AND last_step >= {Sql.Literal(from)}" : "") + (To is { } to ? $" AND first_step <= {Sql.Literal(to)}" : "");
            return $"SELECT attempt, segment, last_step, last_step::DOUBLE AS x, layer_table{list} FROM ({rows}) r WHERE true{overlap}";
        }

        return $"SELECT r.attempt, r.segment, r.last_step, a.x, r.layer_table{list} FROM ({rows}) r {JoinAxis("r", "last_step")} WHERE isfinite(a.x){limits}";
    }

    /// <summary>x of the newest run-level row at or before the step.</summary>
    private string JoinAxis(string table, string step) =>
        $"ASOF JOIN (SELECT attempt, segment, step, {AxisOfPoints()} AS x FROM points WHERE run = {Run} AND {StepRanges.Condition(ranges, "", "step", "step")}) a "
        + $"ON {table}.attempt = a.attempt AND {table}.segment = a.segment AND {table}.{step} >= a.step";

    private string AxisOfPoints() => axis switch
    {
        XAxis.Samples => "samples",
        XAxis.Epoch => "epoch",
        XAxis.Time => "time_ns::DOUBLE / 1e9",
        XAxis.Tokens => "sum(CASE WHEN isfinite(tokens) THEN tokens END) OVER (ORDER BY step, attempt, segment ROWS UNBOUNDED PRECEDING)",
        _ => "step::DOUBLE",
    };
}
