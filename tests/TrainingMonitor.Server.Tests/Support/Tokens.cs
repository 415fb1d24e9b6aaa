using System.Net.Http.Headers;
using System.Text.Json;

namespace TrainingMonitor.Server.Tests.Support;

/// <summary>Tokens of a server under test, made as an administrator makes them.</summary>
internal static class Tokens
{
    public static async Task<string> CreateAsync(ServerUnderTest server, string name, string scopes, string projects = "", string more = "")
    {
        using var answer = await server.Http.PostAsync($"/api/v1/tokens?name={name}&scopes={scopes}&projects={projects}{more}", null, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        answer.IsSuccessStatusCode.ShouldBeTrue(text);
        using var body = JsonDocument.Parse(text);
        return body.RootElement.GetProperty("token").GetString()!;
    }

    /// <summary>Asks as somebody else; null: as nobody.</summary>
    public static async Task<(int Status, string Body)> AskAsync(ServerUnderTest server, string? token, string path, HttpMethod? method = null)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = server.Server.HttpAddress };
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType == "text/event-stream" ? "" : await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
