using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using TrainingMonitor.Server.Errors;
using TrainingMonitor.Server.Security.Auditing;
using TrainingMonitor.Server.Security.Limits;

namespace TrainingMonitor.Server.Security;

/// <summary>Lets a request of the HTTP port through to its endpoint when the caller has what the endpoint demands. Nothing that is not said is allowed.</summary>
internal sealed class HttpGate(RequestDelegate next, Credentials credentials, CallerLimits limits, AuditLog audit)
{
    public Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<OpenToAll>() is not null)
            return next(context);
        if (credentials.Find(context) is not { } caller)
            return RefuseAsync(context);
        caller.Attach(context);
        context.User = new ClaimsPrincipal(new CallerIdentity(caller));
        // No endpoint: there is nothing at the address, which a caller with a right may know.
        if (endpoint is null)
            return next(context);
        var demand = endpoint.Metadata.GetMetadata<Demand>();
        if (demand is null)
            return Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "Not allowed", "Nobody may call this address.");
        if (limits.TakeQuery(caller) is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return Problems.WriteAsync(context, StatusCodes.Status429TooManyRequests, "Too many requests", limits.TooManyQueries(caller));
        }

        if (caller.Meets(demand, out var missing))
            return next(context);
        audit.Denied(context, caller, "http." + context.Request.Method, missing);
        return Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "Not allowed", missing, "Authorization");
    }

    private Task RefuseAsync(HttpContext context)
    {
        audit.Denied(context, null, "http." + context.Request.Method, "token missing or wrong");
        if (context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal) || context.Request.Path.StartsWithSegments("/_blazor", StringComparison.Ordinal))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Problems.WriteAsync(context, StatusCodes.Status401Unauthorized, "Token missing or wrong", Credentials.Missing, "Authorization");
        }

        return LoginPage.WriteAsync(context, StatusCodes.Status401Unauthorized, "");
    }
}
