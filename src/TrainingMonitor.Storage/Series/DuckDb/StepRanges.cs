using System.Globalization;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>Which steps of which segment are shown. After a rewind or a restart two segments cover the same steps; for each step the newest of them is shown,
/// where "covers" is from a segment's first to its last stored step.</summary>
internal static class StepRanges
{
    /// <summary>Cuts from each segment what newer segments cover.</summary>
    public static List<StepRange> Newest(IEnumerable<StepRange> segments)
    {
        var shown = new List<StepRange>();
        var covered = new List<(long From, long To)>();
        foreach (var segment in segments.OrderByDescending(range => (range.Attempt, range.Segment)))
        {
            var free = new List<(long From, long To)> { (segment.From, segment.To) };
            foreach (var (from, to) in covered)
            {
                free = [.. free.SelectMany(range => Without(range, from, to))];
            }

            shown.AddRange(free.Select(range => segment with { From = range.From, To = range.To }));
            covered.Add((segment.From, segment.To));
        }

        return shown;
    }

    /// <summary>Condition on rows that cover the steps from <paramref name="first"/> to <paramref name="last"/>.</summary>
    public static string Condition(IEnumerable<StepRange> ranges, string prefix, string first, string last)
    {
        var groups = ranges.GroupBy(range => (range.Attempt, range.Segment)).Select(group => string.Create(
            CultureInfo.InvariantCulture,
            $"({prefix}attempt = {group.Key.Attempt} AND {prefix}segment = {group.Key.Segment} AND ({string.Join(" OR ", group.Select(range => $"({last} >= {range.From} AND {first} <= {range.To})"))}))"));
        var condition = string.Join(" OR ", groups);
        return condition.Length == 0 ? "false" : $"({condition})";
    }

    private static IEnumerable<(long From, long To)> Without((long From, long To) range, long from, long to)
    {
        if (to < range.From || from > range.To)
        {
            yield return range;
            yield break;
        }

        if (range.From < from)
        {
            yield return (range.From, from - 1);
        }

        if (range.To > to)
        {
            yield return (to + 1, range.To);
        }
    }
}
