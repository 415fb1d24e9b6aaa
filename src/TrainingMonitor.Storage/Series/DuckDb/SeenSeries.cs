using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>Which series a write has data for.</summary>
internal static class SeenSeries
{
    private static readonly string[] RunNames = [.. Enum.GetValues<RunSeries>().Select(series => SeriesCatalog.Info(series).Name)];
    private static readonly string[] LayerNames = [.. Enum.GetValues<LayerSeries>().Select(series => SeriesCatalog.Info(series).Name)];

    /// <summary>The series by name.</summary>
    /// <param name="writes">The write.</param>
    /// <param name="known">Run-level series that need not be named, bit i for <see cref="RunSeries"/> i.</param>
    public static IEnumerable<(string Name, bool PerLayer)> Of(RunWrites writes, ulong known)
    {
        var mask = 0UL;
        foreach (var point in writes.Points)
        {
            mask |= point.NonFinite;
            for (var i = 0; i < point.Values.Length; i++)
            {
                mask |= double.IsNaN(point.Values[i]) ? 0 : 1UL << i;
            }
        }

        mask &= ~known;
        for (var i = 0; mask != 0 && i < RunNames.Length; i++)
        {
            if ((mask & (1UL << i)) != 0)
            {
                yield return (RunNames[i], false);
            }
        }

        foreach (var probe in writes.Probes)
        {
            yield return (SeriesNames.Probe(probe.Probe.Kind), false);
        }

        foreach (var scalar in writes.Scalars)
        {
            yield return (SeriesNames.ScalarPrefix + scalar.Name, false);
        }

        foreach (var block in writes.Blocks)
        {
            var layers = block.LayerNames.Count;
            for (var series = 0; series < LayerNames.Length; series++)
            {
                var range = new Range(series * layers, (series + 1) * layers);
                if (block.Count.AsSpan(range).ContainsAnyExcept(0) || block.NonFinite.AsSpan(range).ContainsAnyExcept(0))
                {
                    yield return (LayerNames[series], true);
                }
            }
        }
    }
}
