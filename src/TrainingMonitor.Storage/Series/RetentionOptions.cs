using System.ComponentModel.DataAnnotations;

namespace TrainingMonitor.Storage.Series;

/// <summary>What of the series is thrown away when. Run-level rows, probes, scalars and alerts are always kept.</summary>
public sealed record RetentionOptions
{
    /// <summary>Above so many bytes in use the oldest layer windows of all runs are deleted.</summary>
    [Range(1L << 20, long.MaxValue)]
    public long DiskCapBytes { get; init; } = 32L << 30;

    /// <summary>How many bytes of layer windows are written between two looks at the cap.</summary>
    [Range(1, long.MaxValue)]
    public long CheckEveryBytes { get; init; } = 64L << 20;
}
