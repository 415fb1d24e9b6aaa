using Microsoft.AspNetCore.Http;

namespace TrainingMonitor.Server.Security;

/// <summary>Headers that keep a page to itself: own scripts only, no frames, no referrer to other sites.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    // Styles: the chart library positions its tooltips by style attributes.
    private const string Policy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        // Not no-referrer: it would turn the Origin of the login form into "null".
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return next(context);
    }
}
