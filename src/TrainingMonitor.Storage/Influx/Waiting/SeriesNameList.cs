using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Storage.Influx.Waiting;

/// <summary>Names of the run-level and layer series, as every record carries them: series are kept by name, so that a spool outlives a change of their numbers.</summary>
internal static class SeriesNameList
{
    /// <summary>Those of this program.</summary>
    public static readonly byte[] Own = Pack(
        [.. Enum.GetValues<RunSeries>().Select(series => SeriesCatalog.Info(series).Name)],
        [.. Enum.GetValues<LayerSeries>().Select(series => SeriesCatalog.Info(series).Name)]);

    /// <summary>A list as bytes.</summary>
    public static byte[] Pack(IReadOnlyList<string> run, IReadOnlyList<string> layer)
    {
        var packed = new ByteWriter();
        foreach (var names in new[] { run, layer })
        {
            packed.Write(names.Count);
            foreach (var name in names)
            {
                packed.Write(name);
            }
        }

        return packed.Written.ToArray();
    }

    /// <summary>Series of this program by the numbers of a list; -1: it has none of that name.</summary>
    /// <exception cref="InvalidDataException">This is no list.</exception>
    public static (int[] Run, int[] Layer) Map(ReadOnlySpan<byte> packed)
    {
        var reader = new ByteReader(packed);
        var run = Numbers(ref reader, SeriesCatalog.RunCount, i => SeriesCatalog.Info((RunSeries)i).Name);
        return (run, Numbers(ref reader, SeriesCatalog.LayerCount, i => SeriesCatalog.Info((LayerSeries)i).Name));
    }

    private static int[] Numbers(ref ByteReader reader, int known, Func<int, string> name)
    {
        var own = Enumerable.Range(0, known).ToDictionary(name, i => i, StringComparer.Ordinal);
        var numbers = new int[reader.Count()];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = own.GetValueOrDefault(reader.Text(), -1);
        }

        return numbers;
    }
}
