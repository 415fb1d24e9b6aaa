using System.IO.Compression;
using System.Net;
using System.Text;

namespace TrainingMonitor.Storage.Tests.Influx;

/// <summary>The write side of a server as its versions behave, at the transport: 1.x before 1.8 (old path, keeps the good lines of a bad batch) or 2.x (new path, refuses
/// a bad batch whole). Counts, for each line, how often it was stored.</summary>
internal sealed class FakeInflux(bool modern) : HttpMessageHandler
{
    public Dictionary<string, int> Stored { get; } = new(StringComparer.Ordinal);

    public List<HttpRequestMessage> Requests { get; } = [];

    public HashSet<string> Poison { get; } = new(StringComparer.Ordinal);

    public int MostBytes { get; set; } = int.MaxValue;

    public bool DatabaseExists { get; set; } = true;

    /// <summary>Answers before the server's own, for writes with lines; null: its own.</summary>
    public Func<string, HttpResponseMessage?> Before { get; set; } = _ => null;

    public static HttpResponseMessage Answer(HttpStatusCode status, string body = "", TimeSpan? retryAfter = null)
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent(body) };
        response.Headers.RetryAfter = retryAfter is { } wait ? new(wait) : null;
        return response;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests.Add(request);
        var path = request.RequestUri!.AbsolutePath;
        var bytes = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
        if (request.Content.Headers.ContentEncoding.Contains("gzip"))
        {
            using var plain = new MemoryStream();
            using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            await gzip.CopyToAsync(plain, cancellationToken);
            bytes = plain.ToArray();
        }

        if (path == "/query")
        {
            DatabaseExists = true;
            return Answer(HttpStatusCode.OK, """{"results":[{"statement_id":0}]}""");
        }

        return path == (modern ? "/api/v2/write" : "/write") ? Write(Encoding.UTF8.GetString(bytes)) : Answer(HttpStatusCode.NotFound, "404 page not found\n");
    }

    private HttpResponseMessage Write(string body)
    {
        if (body.Length == 0)
        {
            return Answer(modern ? HttpStatusCode.BadRequest : HttpStatusCode.NoContent, modern ? """{"code":"invalid","message":"writing requires points"}""" : "");
        }

        if (Before(body) is { } scripted)
        {
            return scripted;
        }

        if (!DatabaseExists)
        {
            return Answer(HttpStatusCode.NotFound, """{"error":"database not found: \"trainmon\""}""");
        }

        if (body.Length > MostBytes)
        {
            return Answer(HttpStatusCode.RequestEntityTooLarge, """{"error":"Request Entity Too Large"}""");
        }

        var lines = body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var bad = lines.Count(Poison.Contains);
        foreach (var line in modern && bad > 0 ? [] : lines.Where(line => !Poison.Contains(line)))
        {
            Stored[line] = Stored.GetValueOrDefault(line) + 1;
        }

        return bad == 0 ? Answer(HttpStatusCode.NoContent)
            : modern ? Answer(HttpStatusCode.BadRequest, """{"code":"invalid","message":"unable to parse"}""")
            : Answer(HttpStatusCode.BadRequest, $$"""{"error":"partial write: field type conflict dropped={{bad}}"}""");
    }
}
