using System.ComponentModel.DataAnnotations;

namespace TrainingMonitor.Storage.Series;

/// <summary>Options of the embedded series store.</summary>
public sealed record DuckDbOptions
{
    /// <summary>The database file; its folder exists.</summary>
    [Required]
    public string Path { get; init; } = "";

    /// <summary>Memory that DuckDB may use, MiB.</summary>
    [Range(64, 1 << 20)]
    public int MemoryLimitMegabytes { get; init; } = 256;

    /// <summary>Threads that DuckDB may use for one statement. The writer's statements are small: with a second thread it mostly spins until that one has
    /// been woken. Queries run beside the writer in any case, each on a thread of its own (<see cref="Readers"/>).</summary>
    [Range(1, 256)]
    public int Threads { get; init; } = 1;

    /// <summary>DuckDB moves its write-ahead log into the file when the log has so many MiB. Each time it packs the newest row group of every table again,
    /// so a small log is dear; a large one is read again after a crash.</summary>
    [Range(1, 1 << 20)]
    public int CheckpointMegabytes { get; init; } = 128;

    /// <summary>Queries that run at the same time.</summary>
    [Range(1, 64)]
    public int Readers { get; init; } = 2;

    /// <summary>Batches that may wait for the writer; whoever writes more waits.</summary>
    [Range(1, 10_000)]
    public int QueuedBatches { get; init; } = 16;

    /// <summary>What is thrown away when.</summary>
    [Required]
    public RetentionOptions Retention { get; init; } = new();
}
