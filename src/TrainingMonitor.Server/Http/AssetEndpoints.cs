using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TrainingMonitor.Server.Security;

namespace TrainingMonitor.Server.Http;

/// <summary>Scripts and styles out of this assembly: docs/design/053.</summary>
internal static class AssetEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        MapAsset(endpoints, "/_framework/blazor.web.js", "blazor.web.js", "text/javascript");
        MapAsset(endpoints, "/assets/echarts.js", "echarts.js", "text/javascript");
        MapAsset(endpoints, "/assets/charts.js", "charts.js", "text/javascript");
        MapAsset(endpoints, "/assets/app.css", "app.css", "text/css");
        MapAsset(endpoints, "/assets/icon.svg", "icon.svg", "image/svg+xml");
    }

    private static void MapAsset(IEndpointRouteBuilder endpoints, string path, string name, string type)
    {
        using var stream = typeof(AssetEndpoints).Assembly.GetManifestResourceStream("assets/" + name)
            ?? throw new InvalidOperationException($"The asset {name} is not in the assembly.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}\"";
        endpoints.MapGet(path, async (HttpContext context) =>
        {
            context.Response.Headers.ETag = tag;
            // Asked again every time, answered by 304: an update of the server is never mixed with old scripts.
            context.Response.Headers.CacheControl = "no-cache";
            if (context.Request.Headers.IfNoneMatch == tag)
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }

            context.Response.ContentType = type + "; charset=utf-8";
            context.Response.ContentLength = bytes.Length;
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        }).WithMetadata(OpenToAll.Instance);
    }
}
