using System.ComponentModel.DataAnnotations;

namespace TrainingMonitor.Storage.Spooling;

/// <summary>Options of a spool on disk.</summary>
public sealed record SpoolOptions
{
    /// <summary>Its folder; made where missing.</summary>
    [Required]
    public string Folder { get; init; } = "";

    /// <summary>Bytes that may wait on disk; above them the oldest segment goes.</summary>
    [Range(1L << 12, long.MaxValue)]
    public long CapBytes { get; init; } = 1L << 30;

    /// <summary>Bytes of a segment; what is dropped goes by whole segments.</summary>
    [Range(1L << 10, 1L << 30)]
    public long SegmentBytes { get; init; } = 16L << 20;

    /// <summary>Bytes that may wait in memory while the disk fails.</summary>
    [Range(1L << 10, 1L << 30)]
    public long MemoryBytes { get; init; } = 32L << 20;
}
