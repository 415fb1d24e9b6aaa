using System.ComponentModel.DataAnnotations;

namespace TrainingMonitor.Runs.Hosting;

/// <summary>Options of the run actors of one node.</summary>
public sealed record MonitorNodeOptions
{
    /// <summary>Name of the server, as Welcome says it.</summary>
    [Required]
    public string ServerName { get; init; } = "trainmon";

    /// <summary>Page of a run; "{0}" is the escaped run id. Empty: no pages.</summary>
    public string PageFormat { get; init; } = "";

    /// <summary>gRPC address at which trainers reach this node, where there are several ("http://host:4650"). Empty: not said.</summary>
    public string Ingest { get; init; } = "";

    /// <summary>Bytes of the largest frame, as Welcome says it.</summary>
    [Range(1024, 64 << 20)]
    public int MaxFrameBytes { get; init; } = 4 << 20;

    /// <summary>Runs with an actor at once.</summary>
    [Range(1, 1_000_000)]
    public int MaxRuns { get; init; } = 10_000;

    /// <summary>Frames a stream may have in flight at most.</summary>
    [Range(1, 65_536)]
    public int MaxCredits { get; init; } = 1024;

    /// <summary>Bytes a stream may have in flight; credits are this over the mean size of its frames.</summary>
    [Range(1024, 1 << 30)]
    public int CreditBytes { get; init; } = 16 << 20;

    /// <summary>Credits stop while the frame log has more bytes that are not durable.</summary>
    [Range(1024, long.MaxValue)]
    public long MaxPendingLogBytes { get; init; } = 64 << 20;

    /// <summary>Credits of a run stop while it has more points that the series store has not committed.</summary>
    [Range(1, int.MaxValue)]
    public int MaxPendingPoints { get; init; } = 131_072;

    /// <summary>Credits of runs that have more than a few points waiting stop while all runs of the node together have more points that the series store has not committed.</summary>
    [Range(1, long.MaxValue)]
    public long MaxPendingPointsOfAllRuns { get; init; } = 2_097_152;

    /// <summary>A snapshot is taken after so many inputs ...</summary>
    [Range(1, int.MaxValue)]
    public int SnapshotInputs { get; init; } = 10_000;

    /// <summary>... or after this time, where there were any.</summary>
    public TimeSpan SnapshotInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A step is closed without the ranks that have not reported it for this long.</summary>
    public TimeSpan StepTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>An ended run leaves memory after this time without streams and readers.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A stalled run leaves memory after this time without streams and readers.</summary>
    public TimeSpan StalledIdleTimeout { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How often timeouts are looked at.</summary>
    public TimeSpan TickInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest time that stopping may wait for the stores.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
