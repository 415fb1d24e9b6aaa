using System.ComponentModel.DataAnnotations;
using TrainingMonitor.Runs.Clustering.Formation;

namespace TrainingMonitor.Runs.Clustering;

/// <summary>How a node is one of a cluster.</summary>
public sealed record ClusterOptions : IValidatableObject
{
    /// <summary>Name of the cluster; nodes of another name are not let in.</summary>
    [Required, RegularExpression("^[a-zA-Z0-9][a-zA-Z0-9-]{0,62}$", ErrorMessage = "must be letters, digits and hyphens")]
    public string Name { get; init; } = "trainmon";

    /// <summary>Host name or address at which the other nodes reach this one.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Port at which the other nodes reach this one; 0: any free one.</summary>
    [Range(0, 65535)]
    public int Port { get; init; } = 4652;

    /// <summary>Address it listens on; empty: <see cref="Host"/>.</summary>
    public string Bind { get; init; } = "";

    /// <summary>Port it listens on, where something stands between (a container's mapping); 0: <see cref="Port"/>.</summary>
    [Range(0, 65535)]
    public int BindPort { get; init; }

    /// <summary>Other nodes, "host:port"; a name with several addresses (a headless service) counts as all of them.</summary>
    public IReadOnlyList<string> Seeds { get; init; } = [];

    /// <summary>This node has runs. One that has none takes trainers and readers and hands on.</summary>
    public bool HasRuns { get; init; } = true;

    /// <summary>Silence of a node after which it is taken for unreachable, beyond its heartbeats, seconds.</summary>
    [Range(0.5, 60)]
    public double HeartbeatPauseSeconds { get; init; } = 2;

    /// <summary>Time the others must look the same before those of the minority are removed, seconds.</summary>
    [Range(1, 300)]
    public double StableAfterSeconds { get; init; } = 5;

    /// <summary>Time that a node alone waits for others before it may form a cluster, and after which a node that has not been heard of by the shared store counts as gone, seconds.</summary>
    [Range(1, 600)]
    public double FormationSeconds { get; init; } = 10;

    /// <summary>Largest frame of trainers, bytes; remoting must carry a little more.</summary>
    [Range(1024, 64 << 20)]
    public int MaxFrameBytes { get; init; } = 4 << 20;

    /// <summary>Time that leaving may take: runs are handed over with a snapshot.</summary>
    public TimeSpan LeaveTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Certificate, key and CA of the connections between nodes; null: they are neither encrypted nor asked who they are.</summary>
    public ClusterTls? Tls { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Seeds.Where(seed => !SeedResolver.TrySplit(seed, out _, out _)).Select(seed => new ValidationResult($"\"{seed}\" is not host:port", [nameof(Seeds)]));
}
