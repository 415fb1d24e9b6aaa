namespace TrainingMonitor.Server.Security.Tokens;

/// <summary>A token as it is kept: everything but the token.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Hash">SHA-256 of the token.</param>
/// <param name="CookieHash">SHA-256 of the page cookie that is derived from it.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Projects">In which projects; null: in all.</param>
/// <param name="Created">When.</param>
/// <param name="Expires">When it ends; null: when it is revoked.</param>
internal sealed record TokenEntry(string Name, byte[] Hash, byte[] CookieHash, TokenScopes Scopes, IReadOnlyList<string>? Projects, DateTimeOffset Created, DateTimeOffset? Expires);
