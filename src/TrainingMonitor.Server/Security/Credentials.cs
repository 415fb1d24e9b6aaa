using Microsoft.AspNetCore.Http;
using TrainingMonitor.Server.Security.Tls;
using TrainingMonitor.Server.Security.Tokens;

namespace TrainingMonitor.Server.Security;

/// <summary>Tells from a request who calls: a bearer token, else a client certificate, else the page's cookie. A token that is given and wrong is not tried otherwise.</summary>
internal sealed class Credentials(ServerToken own, TokenBook tokens, ClientIdentities? identities = null)
{
    private const string Bearer = "Bearer ";

    /// <summary>What a caller without a right is told.</summary>
    public const string Missing = "Send \"Authorization: Bearer TOKEN\": a token that \"trainmon token create\" made, or the one in the file \"token\" of the server's data folder.";

    /// <summary>Who calls; null: nobody that is known.</summary>
    public Caller? Find(HttpContext context)
    {
        if (!own.Required)
            return Caller.Anyone;
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length > 0)
            return Text(header) is { } token ? FindToken(token) : null;
        // The handshake has let none in that the CA did not sign.
        if (identities is not null && context.Connection.ClientCertificate is { } certificate && identities.Find(certificate) is { } known)
            return known;
        return context.Request.Cookies[ServerToken.CookieName] is { Length: > 0 } cookie
            ? own.IsCookie(cookie) ? Caller.Owner : tokens.Find(cookie)
            : null;
    }

    /// <summary>Whose token it is; null: nobody's. A cookie is no token.</summary>
    public Caller? FindToken(string token) => own.IsToken(token) ? Caller.Owner : token.StartsWith(TokenText.Prefix, StringComparison.Ordinal) ? tokens.Find(token) : null;

    /// <summary>The page cookie of whoever makes this request.</summary>
    public string CookieOf(HttpContext context) =>
        !own.Required ? own.Cookie
        : Text(context.Request.Headers.Authorization.ToString()) is { } token ? TokenText.Cookie(token)
        : context.Request.Cookies[ServerToken.CookieName] ?? "";

    private static string? Text(string header) => header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? header[Bearer.Length..].Trim() : null;
}
