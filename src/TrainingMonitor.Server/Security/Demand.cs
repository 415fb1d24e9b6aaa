namespace TrainingMonitor.Server.Security;

/// <summary>What an endpoint asks of its caller. An endpoint with neither this nor <see cref="OpenToAll"/> answers nobody.</summary>
/// <param name="Scope">Scope; none: anyone with a right of any kind.</param>
/// <param name="AllProjects">Only callers for all projects: it is about the server, not about a run.</param>
internal sealed record Demand(TokenScopes Scope, bool AllProjects = false);
