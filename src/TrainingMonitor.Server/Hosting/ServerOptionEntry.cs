namespace TrainingMonitor.Server.Hosting;

/// <summary>One effective option, for display.</summary>
/// <param name="Name">Property name of <see cref="ServerOptions"/>.</param>
/// <param name="Value">Value; secrets are masked.</param>
/// <param name="Origin">Where it came from.</param>
/// <param name="Source">File, variable or argument that set it; empty for defaults.</param>
public sealed record ServerOptionEntry(string Name, string Value, ServerOptionOrigin Origin, string Source);
