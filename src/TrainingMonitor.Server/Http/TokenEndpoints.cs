using System.Text.Json;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TrainingMonitor.Server.Errors;
using TrainingMonitor.Server.Security;
using TrainingMonitor.Server.Security.Auditing;
using TrainingMonitor.Server.Security.Tokens;

namespace TrainingMonitor.Server.Http;

/// <summary>/api/v1/tokens: made, listed and revoked by callers with the scope admin for all projects. docs/operations.md.</summary>
internal static class TokenEndpoints
{
    private const int LongestName = 64, MostProjects = 100, LongestProject = 128;

    public static void Map(IEndpointRouteBuilder api)
    {
        var tokens = api.MapGroup("/tokens").WithMetadata(new Demand(TokenScopes.Admin, AllProjects: true));
        tokens.MapGet("", (HttpContext context, TokenBook book, TimeProvider time) => AnswerAsync(context, () =>
        {
            _ = new QueryReader(context);
            return new { tokens = book.Entries.Select(entry => Shown(entry, time)) };
        }));
        tokens.MapPost("", (HttpContext context, TokenBook book, ServerToken own, AuditLog audit, TimeProvider time) => AnswerAsync(context, () =>
        {
            if (!own.Required)
                throw new RpcException(new Status(StatusCode.FailedPrecondition, "This server asks nobody for a token (NoAuth): whoever comes could make one that outlives it."));
            var q = new QueryReader(context, "name", "scopes", "projects", "minutes");
            var (entry, token) = book.Create(Name(q), Scopes(q), Projects(q), Expires(q, time));
            audit.Did(context, "token.create", entry.Name, detail: $"{ScopeWords.Of(entry.Scopes)}; {(entry.Projects is { } projects ? string.Join(", ", projects) : "all projects")}");
            return new { entry.Name, scopes = ScopeWords.Of(entry.Scopes), entry.Projects, entry.Created, entry.Expires, token };
        }));
        tokens.MapDelete("/{name}", (HttpContext context, string name, TokenBook book, AuditLog audit) => AnswerAsync(context, () =>
        {
            var found = book.Revoke(name);
            audit.Did(context, "token.revoke", name, found);
            return found ? new { removed = name } : throw Refusal.NotFound("name", $"There is no token \"{name}\".");
        }));
    }

    private static object Shown(TokenEntry entry, TimeProvider time) =>
        new { entry.Name, scopes = ScopeWords.Of(entry.Scopes), entry.Projects, entry.Created, entry.Expires, over = entry.Expires <= time.GetUtcNow() };

    private static string Name(QueryReader q) => q.Text("name") is { Length: > 0 and <= LongestName } name && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        ? name
        : throw Refusal.Invalid("name", $"needs 1 to {LongestName} letters, digits, '-', '_' or '.'.");

    private static TokenScopes Scopes(QueryReader q) => ScopeWords.Read(q.List("scopes")) is { } scopes && scopes != TokenScopes.None
        ? scopes
        : throw Refusal.Invalid("scopes", $"\"{q.Text("scopes")}\" is no list of ingest, read, admin.");

    private static string[]? Projects(QueryReader q)
    {
        string[] projects = [.. q.List("projects").Distinct(StringComparer.Ordinal)];
        if (projects.Length > MostProjects)
            throw Refusal.Invalid("projects", $"{projects.Length} projects; at most {MostProjects} are taken.");
        foreach (var project in projects)
        {
            // A star would be read as a pattern where silences name projects.
            if (project.Length > LongestProject || project.Any(c => char.IsControl(c) || c is '/' or '*'))
                throw Refusal.Invalid("projects", $"\"{project}\" is no project name.");
        }

        return projects.Length == 0 ? null : projects;
    }

    private static DateTimeOffset? Expires(QueryReader q, TimeProvider time) => q.Number("minutes") switch
    {
        null => null,
        > 0 and <= 5_256_000 and var minutes => time.GetUtcNow().AddMinutes(minutes),
        _ => throw Refusal.Invalid("minutes", "must be above 0 and at most 5256000 (ten years)."),
    };

    private static async Task AnswerAsync(HttpContext context, Func<object> answer)
    {
        try
        {
            var result = answer();
            context.Response.Headers.CacheControl = "no-store";
            await context.Response.WriteAsJsonAsync(result, JsonSerializerOptions.Web, context.RequestAborted);
        }
        catch (RpcException error)
        {
            await Problems.WriteAsync(context, error);
        }
    }
}
