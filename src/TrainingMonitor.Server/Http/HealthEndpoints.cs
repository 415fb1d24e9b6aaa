using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Ingest;
using TrainingMonitor.Server.Security;

namespace TrainingMonitor.Server.Http;

/// <summary>/health/live: the process answers. /health/ready: it takes trainers.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/health/live", (HttpContext context) => WriteAsync(context, StatusCodes.Status200OK, "live")).WithMetadata(OpenToAll.Instance);
        endpoints.MapGet("/health/ready", (HttpContext context, MonitorServices services, SessionRegistry sessions, ServerOptions options) =>
            !services.Ready ? WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "starting")
            : sessions.Draining ? WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "stopping")
            : WriteAsync(context, StatusCodes.Status200OK, Exposure.Of(options) is { Length: > 0 } exposure ? $"ready, but unsafe: {exposure}" : "ready")).WithMetadata(OpenToAll.Instance);
    }

    private static Task WriteAsync(HttpContext context, int status, string word)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(word, context.RequestAborted);
    }
}
