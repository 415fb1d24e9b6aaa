using System.Text.Json;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace TrainingMonitor.Server.Errors;

/// <summary>Errors of the HTTP side: RFC 9457 problem details that name the parameter.</summary>
internal static class Problems
{
    public static Task WriteAsync(HttpContext context, int status, string title, string detail, string? parameter = null)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        return context.Response.WriteAsync(Json(status, title, detail, parameter), context.RequestAborted);
    }

    /// <summary>The answer to a query that was refused or failed.</summary>
    public static Task WriteAsync(HttpContext context, RpcException error)
    {
        var (status, title) = error.StatusCode switch
        {
            StatusCode.InvalidArgument or StatusCode.OutOfRange => (StatusCodes.Status400BadRequest, "Parameter out of range"),
            StatusCode.Unauthenticated => (StatusCodes.Status401Unauthorized, "Token missing or wrong"),
            StatusCode.PermissionDenied => (StatusCodes.Status403Forbidden, "Not allowed"),
            StatusCode.AlreadyExists => (StatusCodes.Status409Conflict, "Exists already"),
            StatusCode.NotFound => (StatusCodes.Status404NotFound, "Not found"),
            StatusCode.ResourceExhausted => (StatusCodes.Status429TooManyRequests, "Too many requests"),
            StatusCode.Unavailable => (StatusCodes.Status503ServiceUnavailable, "Not available now"),
            StatusCode.FailedPrecondition => (StatusCodes.Status409Conflict, "Not possible now"),
            _ => (StatusCodes.Status500InternalServerError, "Internal error"),
        };
        var violation = error.GetRpcStatus()?.GetDetail<Google.Rpc.BadRequest>()?.FieldViolations.FirstOrDefault();
        return WriteAsync(context, status, title, violation?.Description ?? error.Status.Detail, violation?.Field);
    }

    private static string Json(int status, string title, string detail, string? parameter)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("type", "about:blank");
            writer.WriteString("title", title);
            writer.WriteNumber("status", status);
            writer.WriteString("detail", detail);
            if (parameter is not null)
                writer.WriteString("parameter", parameter);
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
