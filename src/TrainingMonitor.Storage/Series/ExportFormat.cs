namespace TrainingMonitor.Storage.Series;

/// <summary>File format of an export.</summary>
public enum ExportFormat
{
    /// <summary>Comma-separated values with a header line.</summary>
    Csv,

    /// <summary>Apache Parquet.</summary>
    Parquet,
}
