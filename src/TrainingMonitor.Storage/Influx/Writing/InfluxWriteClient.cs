using System.IO.Compression;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using Polly.Timeout;

namespace TrainingMonitor.Storage.Influx.Writing;

/// <summary>Sends lines and classifies the answer: through /api/v2/write, which 1.8, 2.x and 3 have, or /write of older 1.x. Which one is found out with the first
/// request, and again when the path is gone. Never throws for what a server or network does.</summary>
internal sealed class InfluxWriteClient(HttpClient http, InfluxOptions options, TimeProvider time, ILogger logger)
{
    private const int LongestMessage = 2000;
    private string? path;

    /// <summary>The path in use; null: not found out yet.</summary>
    public string? Path => path;

    /// <summary>One request.</summary>
    public async Task<WriteAnswer> WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        try
        {
            if (path is null && await FindPathAsync(cancellationToken) is { } failed)
            {
                return failed;
            }

            var (status, body, retryAfter) = await PostAsync(path!, Content(lines), cancellationToken);
            if (AnswerClassifier.IsMissingPage(status, body))
            {
                path = null;
            }
            else if (AnswerClassifier.IsMissingDatabase(status, body) && await CreateDatabaseAsync(cancellationToken))
            {
                (status, body, retryAfter) = await PostAsync(path!, Content(lines), cancellationToken);
            }

            return AnswerClassifier.Classify(status, body, retryAfter);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or TimeoutRejectedException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new WriteAnswer(WriteOutcome.Keep, 0, error.Message);
        }
    }

    /// <summary>Null: found. Else the answer that says why not.</summary>
    private async Task<WriteAnswer?> FindPathAsync(CancellationToken cancellationToken)
    {
        var database = Uri.EscapeDataString(options.Database);
        var modern = $"api/v2/write?bucket={database}&org={Uri.EscapeDataString(options.Organization)}&precision=ns";
        var (status, body, retryAfter) = await PostAsync(modern, new ByteArrayContent([]), cancellationToken);
        if (status >= 500)
        {
            return AnswerClassifier.Classify(status, body, retryAfter) with { Outcome = WriteOutcome.Keep };
        }

        if (AnswerClassifier.IsMissingPage(status, body))
        {
            var policy = options.Database.Split('/', 2);
            path = $"write?db={Uri.EscapeDataString(policy[0])}&precision=ns" + (policy.Length > 1 ? "&rp=" + Uri.EscapeDataString(policy[1]) : "");
        }
        else
        {
            path = modern;
        }

        InfluxMessages.Connected(logger, options, path);
        return null;
    }

    private async Task<bool> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        var name = options.Database.Split('/', 2)[0].Replace("\"", "\\\"", StringComparison.Ordinal);
        using var content = new FormUrlEncodedContent([KeyValuePair.Create("q", $"CREATE DATABASE \"{name}\"")]);
        var (status, body, _) = await PostAsync("query", content, cancellationToken);
        // 1.x says a refusal inside an answer of 200.
        var created = status == 200 && !body.Contains("\"error\"", StringComparison.Ordinal);
        if (created)
        {
            InfluxMessages.DatabaseCreated(logger, name);
        }

        return created;
    }

    private async Task<(int Status, string Body, TimeSpan RetryAfter)> PostAsync(string to, HttpContent content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, to) { Content = content };
        using var response = await http.SendAsync(request, cancellationToken);
        var body = response.IsSuccessStatusCode && (int)response.StatusCode != 200 ? "" : await response.Content.ReadAsStringAsync(cancellationToken);
        return ((int)response.StatusCode, body.Length > LongestMessage ? body[..LongestMessage] : body, AnswerClassifier.RetryAfter(response.Headers.RetryAfter, time.GetUtcNow()));
    }

    private HttpContent Content(ReadOnlyMemory<byte> lines)
    {
        HttpContent content;
        if (options.Gzip)
        {
            var packed = new MemoryStream(lines.Length / 4);
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            {
                gzip.Write(lines.Span);
            }

            content = new ReadOnlyMemoryContent(packed.GetBuffer().AsMemory(0, (int)packed.Length));
            content.Headers.ContentEncoding.Add("gzip");
        }
        else
        {
            content = new ReadOnlyMemoryContent(lines);
        }

        content.Headers.ContentType = new MediaTypeHeaderValue("text/plain", "utf-8");
        return content;
    }
}
