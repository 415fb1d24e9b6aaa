using System.Net;
using Microsoft.AspNetCore.Http;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Security.Tls;
using TrainingMonitor.Server.Errors;

namespace TrainingMonitor.Server.Security;

/// <summary>
/// Refuses HTTP requests by a foreign host name (DNS rebinding: a web page's own name made to point at 127.0.0.1) and requests that another
/// site's page makes (Origin).
/// </summary>
internal sealed class HostGuard(RequestDelegate next, ServerOptions options, ServerTls? tls = null)
{
    private readonly HashSet<string> names = [.. options.AllowedHosts.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Append("localhost").Append(options.Address).Append(Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var pages) ? pages.Host : "localhost").Select(n => n.ToUpperInvariant())];

    public Task InvokeAsync(HttpContext context)
    {
        var host = context.Request.Host;
        if (!IsAllowed(host.Host))
            return Problems.WriteAsync(context, StatusCodes.Status400BadRequest, "Unknown host name", $"This server does not go by the name \"{host.Host}\". Use localhost, or start it with that name in AllowedHosts.", "Host");

        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && string.Equals(from.Authority, host.Value, StringComparison.OrdinalIgnoreCase)))
            return Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "Foreign origin", "Pages of other sites may not call this server.", "Origin");
        return next(context);
    }

    private bool IsAllowed(string host) =>
        names.Contains(host.ToUpperInvariant())
        // A page that has made its own name point here has no certificate for it.
        || (tls is not null && tls.IsFor(host))
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address)
            && (IPAddress.IsLoopback(address) || ReachableAddress.IsEvery(options.Address)));
}
