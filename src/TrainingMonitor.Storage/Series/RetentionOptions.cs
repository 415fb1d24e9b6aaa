using System.ComponentModel.DataAnnotations;

namespace TrainingMonitor.Storage.Series;

/// <summary>What of the series is thrown away when. Run-level rows, probes, scalars and alerts are always kept.</summary>
public sealed record RetentionOptions
{
    /// <summary>Above so many bytes in use the oldest part of the layer windows, of all runs, is thrown away.</summary>
    [Range(1L << 20, long.MaxValue)]
    public long DiskCapBytes { get; init; } = 32L << 30;

    /// <summary>Layer windows are kept in parts of about so many bytes; a part goes whole.</summary>
    [Range(1L << 16, long.MaxValue)]
    public long PartBytes { get; init; } = 1L << 30;
}
