namespace TrainingMonitor.Storage.Influx.Reading;

/// <summary>What to read of a run.</summary>
internal sealed record RunSelection(string RunId)
{
    /// <summary>Only this attempt.</summary>
    public uint? Attempt { get; init; }

    /// <summary>Only this segment.</summary>
    public uint? Segment { get; init; }

    /// <summary>Only steps from here on.</summary>
    public double? FromStep { get; init; }

    /// <summary>Only steps up to here.</summary>
    public double? ToStep { get; init; }

    /// <summary>Run-level series; null: all; empty: no points.</summary>
    public IReadOnlyCollection<string>? Points { get; init; } = [];

    /// <summary>Scalars by name; null: all.</summary>
    public IReadOnlyCollection<string>? Scalars { get; init; } = [];

    /// <summary>Whether probes are read.</summary>
    public bool Probes { get; init; }

    /// <summary>Layer series; null: all; empty: no windows.</summary>
    public IReadOnlyCollection<string>? LayerSeries { get; init; } = [];

    /// <summary>Only this layer.</summary>
    public string? Layer { get; init; }
}
