using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Server.Security.Auditing;

/// <summary>Who did what, from where, and what came of it: tokens, refusals, silences, acknowledgements, backups, logins, starts. Append-only JSON lines in the data folder; no secret
/// is ever in an entry. A disk that fails is said in the other log and stops nothing. Thread-safe.</summary>
internal sealed class AuditLog(AuditFile file, TimeProvider time, ILogger<AuditLog> log) : IDisposable
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly DeniedFilter denied = new(time);
    private readonly Lock gate = new();
    private long written, failures;

    /// <summary>Lines written.</summary>
    public long Written => Interlocked.Read(ref written);

    /// <summary>Lines that could not be written.</summary>
    public long Failures => Interlocked.Read(ref failures);

    /// <summary>A caller did something.</summary>
    public void Did(HttpContext context, string what, string target, bool found = true, string detail = "")
    {
        var caller = Caller.Of(context);
        Write(new AuditEntry(caller.Name, How(caller), From(context), what, target, found ? "ok" : "not found", detail));
    }

    /// <summary>Somebody was refused.</summary>
    public void Denied(HttpContext context, Caller? caller, string what, string detail) =>
        Write(new AuditEntry(caller?.Name ?? "", caller is null ? "nothing" : How(caller), From(context), what, context.Request.Path.ToString(), "denied", detail));

    /// <summary>Appends an entry.</summary>
    public void Write(AuditEntry entry)
    {
        lock (gate)
        {
            var held = 0;
            if (entry.Result == "denied" && !denied.Pass(entry, out held))
                return;
            try
            {
                file.Append(Line(entry, held), durable: entry.Result == "ok");
                Interlocked.Increment(ref written);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                Interlocked.Increment(ref failures);
                log.NotWritten(error, file.Path, entry.What);
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
            file.Dispose();
    }

    private static string How(Caller caller) => caller.Kind.ToString().ToLowerInvariant();

    private static string From(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";

    private ReadOnlySpan<byte> Line(AuditEntry entry, int held)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Readable))
        {
            json.WriteStartObject();
            json.WriteString("time", time.GetUtcNow());
            json.WriteString("who", entry.Who);
            json.WriteString("how", entry.How);
            json.WriteString("from", entry.From);
            json.WriteString("what", entry.What);
            json.WriteString("target", entry.Target);
            json.WriteString("result", entry.Result);
            if (entry.Detail.Length > 0)
                json.WriteString("detail", entry.Detail);
            if (held > 0)
                json.WriteNumber("held_back", held);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }
}
