using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using TrainingMonitor.Client;

namespace TrainingMonitor.Cli.Connection;

/// <summary>Fetches files and answers from the server's HTTP port.</summary>
internal sealed class HttpDownload : IDisposable
{
    private readonly HttpClient client;
    private readonly Uri address;
    private readonly ClientTlsFiles tls;

    /// <summary>Connects at the first call.</summary>
    public HttpDownload(ServerLocation location)
    {
        (address, tls) = (location.Http, location.Tls);
        client = new HttpClient(location.Handler()) { BaseAddress = location.Http, Timeout = Timeout.InfiniteTimeSpan };
        if (location.Token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", location.Token);
        }
    }

    /// <summary>Copies the body of an answer.</summary>
    /// <exception cref="CliException">The server is not there or refuses.</exception>
    public async Task CopyAsync(string path, Stream target, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, path, " List the runs with 'trainmon runs'.", cancellationToken);
        await response.Content.CopyToAsync(target, cancellationToken);
    }

    /// <summary>Reads a JSON answer.</summary>
    /// <exception cref="CliException">The server is not there or refuses.</exception>
    public async Task<T> AskAsync<T>(HttpMethod method, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, path, "", cancellationToken);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await JsonSerializer.DeserializeAsync(body, type, cancellationToken) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException error)
        {
            throw new CliException(ExitCodes.Failure, "The server's answer is not understood; it and this command may be of different versions.", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string missing, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
            response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException error) when (TlsTrouble.Of(error, tls) is { } trouble)
        {
            throw new CliException(ExitCodes.Unreachable, $"No safe connection to {address.GetLeftPart(UriPartial.Authority)}: {trouble}.", error);
        }
        catch (HttpRequestException error)
        {
            throw new CliException(ExitCodes.Unreachable, $"No server answers at {address.GetLeftPart(UriPartial.Authority)}: name its HTTP address with --http.", error);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            var detail = await DetailAsync(response, cancellationToken);
            throw response.StatusCode switch
            {
                HttpStatusCode.Forbidden => new CliException(ExitCodes.Denied, $"The server does not allow it: {detail}"),
                HttpStatusCode.Unauthorized => new CliException(
                    ExitCodes.Denied, "The server asks for a token: give it with --token or TRAINMON_TOKEN; 'trainmon token create' makes one; the server's own is in the file 'token' of its data folder."),
                HttpStatusCode.NotFound => new CliException(ExitCodes.NotFound, detail + missing),
                _ => new CliException(ExitCodes.Failure, $"The server refused: {detail}"),
            };
        }
    }

    private static async Task<string> DetailAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
            if (problem.RootElement.TryGetProperty("detail", out var detail) && detail.GetString() is { Length: > 0 } text)
            {
                return text.TrimEnd('.') + ".";
            }
        }
        catch (JsonException)
        {
            // Not a problem document: the status says what there is to say.
        }

        return $"{(int)response.StatusCode} {response.ReasonPhrase}.";
    }
}
