using System.ComponentModel.DataAnnotations;

namespace TrainingMonitor.Storage.Log;

/// <summary>Options of the frame log.</summary>
public sealed record FrameLogOptions
{
    /// <summary>Folder of the segment files; created where absent.</summary>
    [Required]
    public string Folder { get; init; } = "";

    /// <summary>A segment is closed when it has grown to so many bytes (a group more at most).</summary>
    [Range(4096, 1L << 40)]
    public long SegmentBytes { get; init; } = 64L << 20;

    /// <summary>Released segments are deleted, oldest first, while the log is larger than this, bytes. What is not released is never deleted.</summary>
    [Range(0, long.MaxValue)]
    public long DiskCapBytes { get; init; } = 16L << 30;

    /// <summary>Least time between the starts of two fsyncs. A record that arrives after a pause is written at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:00.050")]
    public TimeSpan GroupInterval { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How long to wait before a failed write is tried again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Appends are refused above so many bytes that are not durable yet: the last line of defence behind credits.</summary>
    [Range(1L << 20, 1L << 40)]
    public long MaxPendingBytes { get; init; } = 512L << 20;

    /// <summary>New positions are above this one. Give the largest position that a snapshot or the series store holds: should the log have lost its
    /// newest records, no position is used twice.</summary>
    [Range(0, long.MaxValue)]
    public long ContinueAfter { get; init; }
}
