using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>What the writer knows of a run.</summary>
internal sealed class RunEntry(string runId, int key)
{
    private readonly HashSet<(string Name, bool PerLayer)> seen = [];
    private long committed;

    public string RunId { get; } = runId;

    public int Key { get; } = key;

    public long Committed
    {
        get => Volatile.Read(ref committed);
        set => Volatile.Write(ref committed, value);
    }

    /// <summary>Whether run_keys has it.</summary>
    public bool Stored { get; set; }

    /// <summary>Run-level series that have data: bit i is <see cref="RunSeries"/> i. Asked for each point, so it is no look-up by name.</summary>
    public ulong SeenOfRun { get; private set; }

    /// <summary>Layer tables, newest last.</summary>
    public List<(int Id, int Version, IReadOnlyList<string> Names)> LayerTables { get; } = [];

    /// <summary>Whether a series has data; the flag says per layer.</summary>
    public bool HasSeen((string Name, bool PerLayer) series) => seen.Contains(series);

    /// <summary>A series has data from now on.</summary>
    public void See((string Name, bool PerLayer) series)
    {
        seen.Add(series);
        if (!series.PerLayer && SeriesCatalog.TryGetRun(series.Name, out var known))
        {
            SeenOfRun |= 1UL << (int)known;
        }
    }
}
