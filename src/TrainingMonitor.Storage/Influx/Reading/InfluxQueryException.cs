namespace TrainingMonitor.Storage.Influx.Reading;

/// <summary>An InfluxDB does not answer a query, or refuses it.</summary>
/// <param name="message">What it said.</param>
/// <param name="inner">What failed.</param>
public sealed class InfluxQueryException(string message, Exception? inner = null) : IOException(message, inner);
