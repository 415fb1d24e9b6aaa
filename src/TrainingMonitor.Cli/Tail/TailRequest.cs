using TrainingMonitor.Logs;
using TrainingMonitor.Logs.Naming;

namespace TrainingMonitor.Cli.Tail;

/// <summary>What a person asked <c>tail</c> for.</summary>
internal sealed record TailRequest
{
    /// <summary>File or folder, as a full path.</summary>
    public required string Path { get; init; }

    /// <summary>Format; null: found out.</summary>
    public LogFormat? Format { get; init; }

    /// <summary>Run id.</summary>
    public required string RunId { get; init; }

    /// <summary>Project; null: the client's default.</summary>
    public string? Project { get; init; }

    /// <summary>Names a person decided about.</summary>
    public required IReadOnlyDictionary<string, Known> Names { get; init; }

    /// <summary>Where to begin.</summary>
    public TailStart Start { get; init; }

    /// <summary>Reads what is there and ends.</summary>
    public bool Once { get; init; }

    /// <summary>Time between two looks at the log.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>Silence after which the run counts as stalled, seconds.</summary>
    public required double PromiseSeconds { get; init; }
}
