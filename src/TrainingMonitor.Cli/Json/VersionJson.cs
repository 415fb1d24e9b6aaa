namespace TrainingMonitor.Cli.Json;

/// <summary>What <c>trainmon version</c> says.</summary>
/// <param name="Version">Of this command.</param>
/// <param name="Protocol">Version of the wire protocol.</param>
/// <param name="Runtime">.NET runtime.</param>
/// <param name="System">Operating system and architecture.</param>
public sealed record VersionJson(string Version, int Protocol, string Runtime, string System);
