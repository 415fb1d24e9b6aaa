namespace TrainingMonitor.Cli.Json;

/// <summary>What <c>export</c> and <c>record</c> say of the file they wrote.</summary>
/// <param name="RunId">The run.</param>
/// <param name="File">Full path.</param>
/// <param name="Format">"csv", "parquet" or "recording".</param>
/// <param name="Bytes">Size.</param>
public sealed record FileJson(string RunId, string File, string Format, long Bytes);
