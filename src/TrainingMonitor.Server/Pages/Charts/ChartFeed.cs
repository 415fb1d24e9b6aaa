using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Queries;

namespace TrainingMonitor.Server.Pages.Charts;

/// <summary>Feeds a page's charts: everything once, then only what is new. All series of a step are written together, so one position says what is new.</summary>
internal sealed class ChartFeed(RunQueries queries, string runId)
{
    private const int Buckets = 1000;

    // Drawn points; beyond it everything is asked for again, in new buckets.
    private const int MaxPoints = 3 * Buckets;

    private double newest = double.NaN;
    private (uint Attempt, uint Segment) last;
    private int points;

    /// <summary>The axis the points are on.</summary>
    public XAxis Axis { get; private set; } = XAxis.Step;

    /// <summary>Everything, on an axis.</summary>
    public async Task<ChartUpdate> LoadAsync(XAxis axis, CancellationToken cancellationToken)
    {
        Axis = axis;
        (newest, last, points) = (double.NaN, default, 0);
        var response = await AskAsync(null, cancellationToken);
        return new ChartUpdate(true, Take(response, static (_, _) => true));
    }

    /// <summary>What came since; null: nothing.</summary>
    public async Task<ChartUpdate?> MoreAsync(CancellationToken cancellationToken)
    {
        if (double.IsNaN(newest) || points > MaxPoints)
        {
            var all = await LoadAsync(Axis, cancellationToken);
            return all.Series.Count > 0 ? all : null;
        }

        var from = newest;
        var before = last;
        var response = await AskAsync(from, cancellationToken);
        // A new segment may begin to the left of the newest point, which this answer would not show.
        if (response.Series.Any(s => (s.Attempt, s.Segment).CompareTo(before) > 0))
            return await LoadAsync(Axis, cancellationToken);
        var series = Take(response, (s, x) => (s.Attempt, s.Segment) == before && x > from);
        return series.Count > 0 ? new ChartUpdate(false, series) : null;
    }

    private Task<SeriesResponse> AskAsync(double? from, CancellationToken cancellationToken)
    {
        var request = new SeriesRequest { RunId = runId, Names = { RunCharts.SeriesNames }, XAxis = Axis, MaxBuckets = Buckets };
        if (from is { } value)
            request.From = value;
        return queries.GetSeriesAsync(request, cancellationToken);
    }

    private Dictionary<string, SeriesPoints> Take(SeriesResponse response, Func<Series, double, bool> wanted)
    {
        var result = new Dictionary<string, SeriesPoints>(StringComparer.Ordinal);
        var longest = 0;
        foreach (var group in response.Series.GroupBy(s => s.Name, StringComparer.Ordinal))
        {
            List<double?> x = [], low = [], mid = [], high = [];
            foreach (var series in group.OrderBy(s => s.Attempt).ThenBy(s => s.Segment))
            {
                var start = x.Count;
                for (var i = 0; i < series.X.Count; i++)
                {
                    if (!wanted(series, series.X[i]))
                        continue;
                    if (x.Count == start && start > 0)
                        Add(null, null, null, null);
                    Add(series.X[i], Finite(series.Min[i]), Finite(series.Last[i]), Finite(series.Max[i]));
                    newest = (series.Attempt, series.Segment).CompareTo(last) > 0 || !(series.X[i] <= newest) ? series.X[i] : newest;
                    last = (series.Attempt, series.Segment).CompareTo(last) > 0 ? (series.Attempt, series.Segment) : last;
                }
            }

            if (x.Count > 0)
                result[group.Key] = new SeriesPoints(x, low, mid, high);
            longest = Math.Max(longest, x.Count);

            void Add(double? at, double? smallest, double? value, double? largest)
            {
                x.Add(at);
                low.Add(smallest);
                mid.Add(value);
                high.Add(largest);
            }
        }

        points += longest;
        return result;
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
