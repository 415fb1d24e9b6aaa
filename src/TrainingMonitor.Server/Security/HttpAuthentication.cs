using Microsoft.AspNetCore.Http;
using TrainingMonitor.Server.Errors;

namespace TrainingMonitor.Server.Security;

/// <summary>Asks for the token: JSON by bearer token or the page's cookie, pages by the cookie. Health, metrics, scripts and styles hold nothing to hide.</summary>
internal sealed class HttpAuthentication(RequestDelegate next, ServerToken token)
{
    private static readonly PathString[] Open = ["/health", "/metrics", "/login", "/assets", "/_framework"];

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (Open.Any(p => request.Path.StartsWithSegments(p, StringComparison.Ordinal))
            || token.IsAuthorization(request.Headers.Authorization)
            || token.IsCookie(request.Cookies[ServerToken.CookieName]))
        {
            return next(context);
        }

        if (request.Path.StartsWithSegments("/api", StringComparison.Ordinal) || request.Path.StartsWithSegments("/_blazor", StringComparison.Ordinal))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Problems.WriteAsync(context, StatusCodes.Status401Unauthorized, "Token missing or wrong", "Send \"Authorization: Bearer TOKEN\"; the token is in the file \"token\" of the server's data folder.", "Authorization");
        }

        return LoginPage.WriteAsync(context, StatusCodes.Status401Unauthorized, "");
    }
}
