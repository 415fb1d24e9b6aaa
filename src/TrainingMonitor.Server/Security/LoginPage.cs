using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TrainingMonitor.Server.Security.Auditing;
using TrainingMonitor.Server.Security.Tokens;

namespace TrainingMonitor.Server.Security;

/// <summary>"/login": takes the one-time code of a login link, or the token itself from a form, and sets the page cookie.</summary>
internal static class LoginPage
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/login", (HttpContext context, LoginCodes codes, AuditLog audit) =>
        {
            var code = context.Request.Query["token"].ToString();
            if (code.Length == 0)
                return WriteAsync(context, StatusCodes.Status200OK, "");
            if (codes.TryUse(code) is { } cookie)
                return EnterAsync(context, cookie);
            audit.Denied(context, null, "login.link", "used, or too old");
            return WriteAsync(context, StatusCodes.Status401Unauthorized, "This link has been used, or is too old. Paste the token instead.");
        }).WithMetadata(OpenToAll.Instance);
        endpoints.MapPost("/login", async (HttpContext context, Credentials credentials, AuditLog audit) =>
        {
            if (!context.Request.HasFormContentType || context.Request.ContentLength is null or > 4096)
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                return;
            }

            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            var token = form["token"].ToString().Trim();
            if (credentials.FindToken(token) is { } caller)
            {
                caller.Attach(context);
                audit.Did(context, "login.form", "");
                await EnterAsync(context, TokenText.Cookie(token));
                return;
            }

            audit.Denied(context, null, "login.form", "no token of this server");
            await WriteAsync(context, StatusCodes.Status401Unauthorized, "That is no token of this server.");
        }).WithMetadata(OpenToAll.Instance);
    }

    /// <summary>The page that asks for the token.</summary>
    public static Task WriteAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        var note = message.Length == 0 ? "" : $"<p role=\"alert\" class=\"error\">{HtmlEncoder.Default.Encode(message)}</p>";
        return HtmlAsync(context, $"""
            <h1>Training Monitor</h1>
            <p>Open the link that the server printed at its start (<code>trainmon serve</code>, <code>trainmon demo</code>), or paste a token: one that <code>trainmon token create</code> made,
            or the one in the file <code>token</code> of the server's data folder.</p>{note}
            <form method="post" action="/login"><label>Token <input name="token" type="password" autocomplete="off" required autofocus></label> <button>Open</button></form>
            """, "");
    }

    // No redirect: a strict cookie set on the way from another program or page would not be sent along with it.
    private static Task EnterAsync(HttpContext context, string cookie)
    {
        context.Response.Cookies.Append(ServerToken.CookieName, cookie, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/", MaxAge = TimeSpan.FromDays(30), IsEssential = true, Secure = context.Request.IsHttps });
        context.Response.StatusCode = StatusCodes.Status200OK;
        return HtmlAsync(context, "<p><a href=\"/\">Open the runs</a></p>", "<meta http-equiv=\"refresh\" content=\"0;url=/\">");
    }

    private static Task HtmlAsync(HttpContext context, string body, string head)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(
            $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Training Monitor</title>{head}<link rel=\"stylesheet\" href=\"/assets/app.css\"></head><body><main class=\"login\">{body}</main></body></html>",
            context.RequestAborted);
    }
}
