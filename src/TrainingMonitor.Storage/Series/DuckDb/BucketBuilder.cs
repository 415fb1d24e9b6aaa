namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>Collects windows that come in order of x into buckets.</summary>
internal sealed class BucketBuilder(BucketGrid grid)
{
    private readonly List<(double X, double Min, double Max, double Last, long Count, long NonFinite)> buckets = [];
    private int current = -1;

    public void Add(double x, LayerWindow window)
    {
        if (window.Count == 0 && window.NonFinite == 0)
        {
            return;
        }

        var bucket = grid.IsExact ? current + 1 : grid.Of(x);
        if (bucket != current)
        {
            current = bucket;
            buckets.Add((x, double.NaN, double.NaN, double.NaN, 0, 0));
        }

        var (_, min, max, last, count, nonFinite) = buckets[^1];
        if (window.Count > 0)
        {
            min = double.IsNaN(min) ? window.Min : Math.Min(min, window.Min);
            max = double.IsNaN(max) ? window.Max : Math.Max(max, window.Max);
            last = window.Last;
        }

        buckets[^1] = (x, min, max, last, count + window.Count, nonFinite + window.NonFinite);
    }

    public Protocol.V1.Series Build(Protocol.V1.Series series)
    {
        foreach (var (x, min, max, last, count, nonFinite) in buckets)
        {
            series.X.Add(x);
            series.Min.Add(min);
            series.Max.Add(max);
            series.Last.Add(last);
            series.Count.Add((ulong)count);
            series.NonFinite.Add((ulong)nonFinite);
        }

        return series;
    }
}
