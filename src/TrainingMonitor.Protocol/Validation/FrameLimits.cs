using System.ComponentModel.DataAnnotations;

namespace TrainingMonitor.Protocol.Validation;

/// <summary>What a frame may hold. Beyond a limit a frame is refused whole with RESOURCE_EXHAUSTED and the path of the field.</summary>
public sealed record FrameLimits
{
    /// <summary>The defaults.</summary>
    public static FrameLimits Default { get; } = new();

    /// <summary>Bytes of one serialized frame.</summary>
    [Range(1024, 64 << 20)]
    public int MaxFrameBytes { get; init; } = 4 << 20;

    /// <summary>Layers of one table.</summary>
    [Range(1, 1_000_000)]
    public int MaxLayers { get; init; } = 20_000;

    /// <summary>UTF-8 bytes of a layer's name.</summary>
    [Range(1, 4096)]
    public int MaxLayerNameBytes { get; init; } = 256;

    /// <summary>UTF-8 bytes of an id (run, project, client start) or of a scalar's name.</summary>
    [Range(1, 1024)]
    public int MaxNameBytes { get; init; } = 128;

    /// <summary>UTF-8 bytes of a text for display: host, kind, message, keys and values of tags.</summary>
    [Range(1, 65_536)]
    public int MaxTextBytes { get; init; } = 1024;

    /// <summary>Dimensions of a layer's shape.</summary>
    [Range(1, 1024)]
    public int MaxShape { get; init; } = 32;

    /// <summary>Columns of one report, and declarations of one table.</summary>
    [Range(1, 1024)]
    public int MaxColumns { get; init; } = 64;

    /// <summary>Reports in one frame.</summary>
    [Range(1, 65_536)]
    public int MaxReports { get; init; } = 4096;

    /// <summary>Parts of one step.</summary>
    [Range(1, 65_536)]
    public int MaxParts { get; init; } = 4096;

    /// <summary>Scalars in one frame.</summary>
    [Range(1, 65_536)]
    public int MaxScalars { get; init; } = 256;

    /// <summary>Entries of a map (tags, unavailable).</summary>
    [Range(1, 65_536)]
    public int MaxTags { get; init; } = 256;

    /// <summary>Ranks of a run.</summary>
    [Range(1, 1 << 24)]
    public int MaxRanks { get; init; } = 1 << 20;
}
