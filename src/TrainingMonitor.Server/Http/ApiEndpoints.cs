using System.Reflection;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Errors;
using TrainingMonitor.Server.Queries;
using TrainingMonitor.Server.Security;

namespace TrainingMonitor.Server.Http;

/// <summary>Queries as JSON under /api/v1: docs/http-api.md.</summary>
internal static class ApiEndpoints
{
    /// <summary>Version of the product, as its packages carry it.</summary>
    public static string Version { get; } =
        typeof(ApiEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var api = endpoints.MapGroup("/api/v1");
        var read = api.MapGroup("").WithMetadata(new Demand(TokenScopes.Read));
        Get(read, "/runs", [], (q, _, queries, stop) => queries.ListRunsAsync(new ListRunsRequest { Project = q.Text("project"), Limit = q.Count("limit") ?? 0 }, stop).As(), "project", "limit");
        Get(read, "/runs/{id}", [], (_, id, queries, stop) => queries.GetRunAsync(new GetRunRequest { RunId = id }, stop).As());
        Get(read, "/runs/{id}/series", ["names"], (q, id, queries, stop) => queries.GetSeriesAsync(Series(q, id), stop).As(), "names", "x", "from", "to", "buckets", "layer", "attempt", "segment");
        Get(read, "/runs/{id}/series/list", [], (_, id, queries, stop) => queries.ListSeriesAsync(new ListSeriesRequest { RunId = id }, stop).As());
        Get(read, "/runs/{id}/alerts", [], (q, id, queries, stop) => queries.ListAlertsAsync(Alerts(q, id), stop).As(), "active", "after", "limit");
        Get(read, "/alerts", [], (q, _, queries, stop) => queries.ListAlertsAsync(Alerts(q, q.Text("run")), stop).As(), "run", "active", "after", "limit");
        Get(read, "/runs/{id}/around", ["step"], (q, id, queries, stop) => queries.GetAroundAsync(Around(q, id), stop).As(), "step", "radius", "attempt", "segment");
        read.MapGet("/runs/{id}/watch", (HttpContext context, string id, RunQueries queries, ServerSentEvents events) =>
            events.WriteAsync(context, "update", stop =>
            {
                var q = new QueryReader(context, "rate");
                return queries.WatchRunAsync(new WatchRunRequest { RunId = id, MaxPerSecond = q.Number("rate") ?? 0 }, stop);
            }));
        read.MapGet("/alerts/watch", (HttpContext context, RunQueries queries, ServerSentEvents events) =>
            events.WriteAsync(context, "alert", stop => queries.WatchAlertsAsync(new WatchAlertsRequest { RunId = new QueryReader(context, "run").Text("run") }, stop)));
        ExportEndpoint.Map(read);
        NotificationEndpoints.Map(api);
        TokenEndpoints.Map(api);
        BackupEndpoint.Map(api);
        var known = api.MapGroup("").WithMetadata(new Demand(TokenScopes.None));
        known.MapGet("/version", (HttpContext context) => context.Response.WriteAsJsonAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["version"] = Version, ["protocolVersion"] = "1", ["runtime"] = Environment.Version.ToString() }, context.RequestAborted));
        known.MapPost("/login-link", (HttpContext context, LoginCodes codes, Credentials credentials) => credentials.CookieOf(context).Length == 0
            ? Problems.WriteAsync(context, StatusCodes.Status409Conflict, "No link", "A browser shows the certificate itself; a link is for tokens.")
            : context.Response.WriteAsJsonAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["path"] = "/login?token=" + codes.Create(credentials.CookieOf(context)) }, context.RequestAborted));
        known.MapFallback(context => Problems.WriteAsync(context, StatusCodes.Status404NotFound, "Not found", $"There is nothing at {context.Request.Path}."));
    }

    private static void Get(IEndpointRouteBuilder api, string pattern, string[] required, Func<QueryReader, string, RunQueries, CancellationToken, Task<IMessage>> answer, params string[] known) =>
        api.MapGet(pattern, async (HttpContext context, RunQueries queries) =>
        {
            try
            {
                var reader = new QueryReader(context, known);
                foreach (var name in required)
                {
                    if (reader.Text(name).Length == 0)
                        throw Refusal.Invalid(name, "is missing.");
                }

                await ProtoJson.WriteAsync(context, await answer(reader, context.Request.RouteValues["id"] as string ?? "", queries, context.RequestAborted));
            }
            catch (RpcException error)
            {
                await Problems.WriteAsync(context, error);
            }
        });

    private static SeriesRequest Series(QueryReader q, string id)
    {
        var request = new SeriesRequest { RunId = id, Names = { q.List("names") }, XAxis = q.Axis("x"), MaxBuckets = q.Count("buckets") ?? 0 };
        if (q.Text("layer") is { Length: > 0 } layer)
            request.Layer = layer;
        if (q.Number("from") is { } from)
            request.From = from;
        if (q.Number("to") is { } to)
            request.To = to;
        if (q.Count("attempt") is { } attempt)
            request.Attempt = attempt;
        if (q.Count("segment") is { } segment)
            request.Segment = segment;
        return request;
    }

    private static ListAlertsRequest Alerts(QueryReader q, string id) =>
        new() { RunId = id, ActiveOnly = q.Flag("active"), AfterOrdinal = q.Long("after") ?? 0, Limit = q.Count("limit") ?? 0 };

    private static AroundRequest Around(QueryReader q, string id)
    {
        var request = new AroundRequest { RunId = id, Step = q.Long("step") ?? 0, Radius = q.Long("radius") ?? 0 };
        if (q.Count("attempt") is { } attempt)
            request.Attempt = attempt;
        if (q.Count("segment") is { } segment)
            request.Segment = segment;
        return request;
    }

    private static async Task<IMessage> As<T>(this Task<T> task)
        where T : IMessage => await task;
}
