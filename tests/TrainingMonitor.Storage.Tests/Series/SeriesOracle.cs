using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Storage.Tests.Series;

/// <summary>Run-level series by brute force: for each point look at all others.</summary>
internal static class SeriesOracle
{
    public static List<Protocol.V1.Series> Read(IReadOnlyList<RunPoint> points, SeriesRequest request)
    {
        var chosen = points.Where(p => (!request.HasAttempt || p.Attempt == request.Attempt) && (!request.HasSegment || p.Segment == request.Segment)).ToList();
        var segments = chosen.GroupBy(p => (p.Attempt, p.Segment)).Select(g => (g.Key, First: g.Min(p => p.Step), Last: g.Max(p => p.Step))).ToList();
        var shown = chosen
            .Where(p => !segments.Any(s => s.Key.CompareTo((p.Attempt, p.Segment)) > 0 && s.First <= p.Step && p.Step <= s.Last))
            .OrderBy(p => (p.Step, p.Attempt, p.Segment))
            .ToList();
        var placed = new List<(RunPoint Point, double X)>();
        var tokens = double.NaN;
        foreach (var point in shown)
        {
            var more = point.Values[(int)RunSeries.Tokens];
            tokens = double.IsNaN(more) ? tokens : double.IsNaN(tokens) ? more : tokens + more;
            var x = request.XAxis switch
            {
                XAxis.Samples => point.Values[(int)RunSeries.Samples],
                XAxis.Epoch => point.Values[(int)RunSeries.Epoch],
                XAxis.Time => point.TimeUnixNs / 1e9,
                XAxis.Tokens => tokens,
                _ => point.Step,
            };
            if (double.IsFinite(x) && (!request.HasFrom || x >= request.From) && (!request.HasTo || x <= request.To))
            {
                placed.Add((point, x));
            }
        }

        var buckets = request.MaxBuckets == 0 ? 1000 : (int)request.MaxBuckets;
        var (low, high) = placed.Count == 0 ? (0, 0) : (placed.Min(p => p.X), placed.Max(p => p.X));
        return [.. request.Names.Where(name => SeriesCatalog.TryGetRun(name, out _)).SelectMany(name => Of(name, placed, buckets, low, high))];
    }

    private static IEnumerable<Protocol.V1.Series> Of(string name, List<(RunPoint Point, double X)> placed, int buckets, double low, double high)
    {
        SeriesCatalog.TryGetRun(name, out var which);
        foreach (var segment in placed.GroupBy(p => (p.Point.Attempt, p.Point.Segment)).OrderBy(g => g.Key))
        {
            var series = new Protocol.V1.Series { Name = name, Unit = SeriesCatalog.Info(which).Unit, Attempt = (uint)segment.Key.Attempt, Segment = (uint)segment.Key.Segment };
            var ordered = segment.OrderBy(p => p.X).ThenBy(p => p.Point.Step).ToList();
            var groups = ordered.Select((p, i) => (p, Bucket: placed.Count <= buckets ? i : high > low ? Math.Min(buckets - 1, (int)Math.Floor((p.X - low) / (high - low) * buckets)) : 0));
            foreach (var bucket in groups.GroupBy(g => g.Bucket).OrderBy(g => g.Key))
            {
                var finite = bucket.Select(g => (g.p.Point.Step, Value: g.p.Point.Values[(int)which])).Where(v => double.IsFinite(v.Value)).OrderBy(v => v.Step).ToList();
                var bad = bucket.Count(g => (g.p.Point.NonFinite & (1UL << (int)which)) != 0);
                if (finite.Count + bad == 0)
                {
                    continue;
                }

                series.X.Add(bucket.Where(g => double.IsFinite(g.p.Point.Values[(int)which]) || (g.p.Point.NonFinite & (1UL << (int)which)) != 0).Max(g => g.p.X));
                series.Min.Add(finite.Count == 0 ? double.NaN : finite.Min(v => v.Value));
                series.Max.Add(finite.Count == 0 ? double.NaN : finite.Max(v => v.Value));
                series.Last.Add(finite.Count == 0 ? double.NaN : finite[^1].Value);
                series.Count.Add((ulong)finite.Count);
                series.NonFinite.Add((ulong)bad);
            }

            if (series.X.Count > 0)
            {
                yield return series;
            }
        }
    }
}
