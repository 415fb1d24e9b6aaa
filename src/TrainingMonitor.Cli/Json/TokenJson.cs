namespace TrainingMonitor.Cli.Json;

/// <summary>A token of the server, without the token itself.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Scopes">What it may do: "ingest,read,admin" or fewer.</param>
/// <param name="Projects">In which projects; absent: in all.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">When it ends; absent: when it is revoked.</param>
/// <param name="Over">It has ended.</param>
/// <param name="Token">The token; only in the answer to its making.</param>
public sealed record TokenJson(string Name, string Scopes, IReadOnlyList<string>? Projects, DateTimeOffset Created, DateTimeOffset? Expires, bool Over, string? Token);
