namespace TrainingMonitor.Cli.Json;

/// <summary>What <c>replay</c> did.</summary>
/// <param name="RunId">Run id the frames were fed under.</param>
/// <param name="Frames">Frames sent.</param>
/// <param name="Steps">Step reports in them.</param>
/// <param name="Seconds">Time it took.</param>
/// <param name="Page">Where to look; null where the server has no pages.</param>
public sealed record ReplayJson(string RunId, long Frames, long Steps, double Seconds, string? Page);
