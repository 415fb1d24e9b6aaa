using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace TrainingMonitor.Server.Http;

/// <summary>Answers in canonical proto JSON: lowerCamelCase names, 64-bit integers as strings, NaN and infinities as "NaN", "Infinity",
/// "-Infinity". Fields with default values are written, so that readers find them.</summary>
internal static class ProtoJson
{
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    public static string Format(IMessage message) => Formatter.Format(message);

    public static Task WriteAsync(HttpContext context, IMessage message)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(Format(message), context.RequestAborted);
    }
}
