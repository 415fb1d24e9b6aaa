using System.Runtime.CompilerServices;
using System.Text.Json;
using Polly.Timeout;
using TrainingMonitor.Storage.Influx.Lines;

namespace TrainingMonitor.Storage.Influx.Reading;

/// <summary>InfluxQL through /query, which all versions answer. Answers come in chunks; stamps as ns.</summary>
internal sealed class InfluxQuery(HttpClient http, InfluxOptions options)
{
    private const int RowsAChunk = 10_000;

    /// <summary>Runs one statement. Whatever goes wrong is an <see cref="InfluxQueryException"/>.</summary>
    public async IAsyncEnumerable<InfluxChunk> RunAsync(string statement, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await SendAsync(statement, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var reader = new StreamReader(stream);
        while (await LineAsync(reader, cancellationToken) is { } line)
        {
            if (line.Length == 0)
            {
                continue;
            }

            using var document = Parse(line);
            ThrowIfError(document.RootElement, statement);
            foreach (var result in Array(document.RootElement, "results"))
            {
                ThrowIfError(result, statement);
                foreach (var series in Array(result, "series"))
                {
                    if (series.TryGetProperty("values", out _))
                    {
                        yield return new InfluxChunk(series);
                    }
                }
            }
        }
    }

    /// <summary>A condition on a tag: equal to a name.</summary>
    public static string Is(LineKey tag, string name) => $"{Quote(tag)} = {Literal(LineEscape.Stored(name))}";

    /// <summary>A key as an identifier.</summary>
    public static string Quote(LineKey key) => "\"" + key.Name.Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    private static string Literal(string text) =>
        "'" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";

    private static JsonElement.ArrayEnumerator Array(JsonElement element, string name) =>
        element.TryGetProperty(name, out var array) && array.ValueKind == JsonValueKind.Array ? array.EnumerateArray() : default;

    private static void ThrowIfError(JsonElement element, string statement)
    {
        // A database that does not exist yet holds nothing.
        if (element.TryGetProperty("error", out var error) && error.GetString()?.StartsWith("database not found", StringComparison.Ordinal) != true)
        {
            throw new InfluxQueryException($"InfluxDB refuses a query: {error.GetString()} ({statement})");
        }
    }

    private static JsonDocument Parse(string line)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException error)
        {
            throw new InfluxQueryException("InfluxDB's answer is no JSON.", error);
        }
    }

    private static async Task<string?> LineAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadLineAsync(cancellationToken);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new InfluxQueryException("InfluxDB's answer broke off.", error);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(string statement, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "query")
        {
            Content = new FormUrlEncodedContent(
            [
                KeyValuePair.Create("db", options.Database.Split('/', 2)[0]), KeyValuePair.Create("q", statement), KeyValuePair.Create("epoch", "ns"),
                KeyValuePair.Create("chunked", "true"), KeyValuePair.Create("chunk_size", RowsAChunk.ToString()),
            ]),
        };
        try
        {
            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw new InfluxQueryException($"InfluxDB answers {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
            }
        }
        catch (Exception error) when (error is HttpRequestException or TimeoutRejectedException)
        {
            throw new InfluxQueryException($"InfluxDB at {options.Url} does not answer: {error.Message}", error);
        }
    }
}
