using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace TrainingMonitor.Cli.Connection;

/// <summary>Fetches files from the server's HTTP port.</summary>
internal sealed class HttpDownload : IDisposable
{
    private readonly HttpClient client;
    private readonly Uri address;

    /// <summary>Connects at the first call.</summary>
    public HttpDownload(ServerLocation location)
    {
        address = location.Http;
        client = new HttpClient { BaseAddress = location.Http, Timeout = Timeout.InfiniteTimeSpan };
        if (location.Token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", location.Token);
        }
    }

    /// <summary>Copies the body of an answer.</summary>
    /// <exception cref="CliException">The server is not there or refuses.</exception>
    public async Task CopyAsync(string path, Stream target, CancellationToken cancellationToken)
    {
        using var response = await GetAsync(path, cancellationToken);
        await response.Content.CopyToAsync(target, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private async Task<HttpResponseMessage> GetAsync(string path, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await client.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
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
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new CliException(
                    ExitCodes.Denied, "The server asks for a token: give it with --token or TRAINMON_TOKEN; it is in the file 'token' of the server's data folder."),
                HttpStatusCode.NotFound => new CliException(ExitCodes.NotFound, $"{detail} List the runs with 'trainmon runs'."),
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
