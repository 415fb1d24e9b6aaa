namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>What the writer knows of a run.</summary>
internal sealed class RunEntry(int key)
{
    private long committed;

    public int Key { get; } = key;

    public long Committed
    {
        get => Volatile.Read(ref committed);
        set => Volatile.Write(ref committed, value);
    }

    /// <summary>Whether run_keys has it.</summary>
    public bool Stored { get; set; }

    /// <summary>Series that have data; the flag says per layer.</summary>
    public HashSet<(string Name, bool PerLayer)> Seen { get; } = [];

    /// <summary>Layer tables, newest last.</summary>
    public List<(int Id, int Version, IReadOnlyList<string> Names)> LayerTables { get; } = [];
}
