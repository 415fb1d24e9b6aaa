using System.ComponentModel.DataAnnotations;
using TrainingMonitor.Storage.Spooling;

namespace TrainingMonitor.Storage.Influx;

/// <summary>Options of the sink that copies everything to an InfluxDB beside the store.</summary>
public sealed record InfluxSinkOptions
{
    /// <summary>The server.</summary>
    [Required]
    public InfluxOptions Server { get; init; } = new();

    /// <summary>Where batches wait for it; the file of the lines it refuses lies there too.</summary>
    [Required]
    public SpoolOptions Spool { get; init; } = new();

    /// <summary>Fields that may wait in memory for the spool, about; what comes beyond them is left out.</summary>
    [Range(1000, 1L << 32)]
    public long QueuedFields { get; init; } = 8_000_000;

    /// <summary>First wait after the server did not take a batch, seconds; doubled with each further one.</summary>
    [Range(0.001, 600)]
    public double FirstPauseSeconds { get; init; } = 0.25;

    /// <summary>Longest wait, seconds, where the server does not ask for a longer one.</summary>
    [Range(0.001, 3600)]
    public double LongestPauseSeconds { get; init; } = 30;
}
