namespace TrainingMonitor.Benchmarks.Scale.Plan;

/// <summary>What was measured of one node and its databases (docs/scale.md), for runs of some number of layers.</summary>
public sealed record NodeConstants
{
    /// <summary>Processor time of the nodes for a step, µs, where the trainer is at its run's node.</summary>
    public required double NodeMicrosStep { get; init; }

    /// <summary>Processor time of PostgreSQL for a step, µs.</summary>
    public required double PostgresMicrosStep { get; init; }

    /// <summary>Memory for a run, KiB.</summary>
    public required double KibRun { get; init; }

    /// <summary>Memory of a node without runs, GiB.</summary>
    public double GibNode { get; init; } = 0.2;

    /// <summary>Bytes of a step on the wire and in the log.</summary>
    public required double BytesStep { get; init; }

    /// <summary>Bytes of a saved state.</summary>
    public required double BytesSnapshot { get; init; }

    /// <summary>Fields of a step's run-level point.</summary>
    public double FieldsStep { get; init; } = 20;

    /// <summary>Fields of a layer window: min, max, mean, last of each series, and a count.</summary>
    public required double FieldsWindow { get; init; }

    /// <summary>Fields a second that one InfluxDB takes.</summary>
    public double InfluxFieldsSecond { get; init; } = 850_000;

    /// <summary>Points a second that one InfluxDB takes, of few fields.</summary>
    public double InfluxPointsSecond { get; init; } = 179_000;

    /// <summary>Bytes a second that one PostgreSQL commits.</summary>
    public double PostgresBytesSecond { get; init; } = 115e6;

    /// <summary>Commits a second of one node at most; groups are made every 20 ms.</summary>
    public double CommitsNode { get; init; } = 50;

    /// <summary>Commits a second that one PostgreSQL takes with fsync on, each of little.</summary>
    public required double PostgresCommitsSecond { get; init; }
}
