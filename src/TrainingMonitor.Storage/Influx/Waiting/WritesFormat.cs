namespace TrainingMonitor.Storage.Influx.Waiting;

/// <summary>Layout of a record of writes: first byte, version, series names, run, project; then items, each after a byte that says what it is. A record stands alone.</summary>
internal static class WritesFormat
{
    /// <summary>First byte. Lines begin with a letter, so that a record of lines is told from one of writes.</summary>
    public const byte First = 1;

    public const byte Version = 1;

    public const byte Point = 1;
    public const byte LayerNames = 2;
    public const byte Block = 3;
    public const byte Probe = 4;
    public const byte Scalar = 5;
    public const byte Alert = 6;

    /// <summary>Of a block: min, max, mean and last are the same.</summary>
    public const byte OnePlane = 1;

    /// <summary>Of a block: every count fits into a byte.</summary>
    public const byte ByteCounts = 2;

    /// <summary>Of a block: non-finite counts follow.</summary>
    public const byte HasNonFinite = 4;
}
