using System.ComponentModel.DataAnnotations;

namespace TrainingMonitor.Server.Hosting;

/// <summary>Options of the embedded server. Sources in rising order: defaults, settings file, TRAINMON_* environment, command line.</summary>
public sealed record ServerOptions
{
    /// <summary>Folder for the frame log, series, snapshots and the token. Default: TRAINMON_DATA, else ~/.local/share/trainmon.</summary>
    public string DataFolder { get; init; } = "";

    /// <summary>Address both ports listen on.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>gRPC port; 0: any free one.</summary>
    [Range(0, 65535)]
    public int GrpcPort { get; init; } = 4650;

    /// <summary>HTTP port of pages, JSON, health and metrics; 0: any free one.</summary>
    [Range(0, 65535)]
    public int HttpPort { get; init; } = 4651;

    /// <summary>No token is asked for. Must be said.</summary>
    public bool NoAuth { get; init; }

    /// <summary>Largest frame, bytes.</summary>
    [Range(1024, 64 << 20)]
    public int MaxFrameBytes { get; init; } = 4 << 20;

    /// <summary>Largest layer table.</summary>
    [Range(1, 1_000_000)]
    public int MaxLayers { get; init; } = 20_000;

    /// <summary>Runs with an actor at once.</summary>
    [Range(1, 1_000_000)]
    public int MaxRuns { get; init; } = 10_000;

    /// <summary>Disk the frame log may take, bytes; what recovery needs is always kept.</summary>
    [Range(1 << 20, long.MaxValue)]
    public long LogBytes { get; init; } = 8L << 30;
}
