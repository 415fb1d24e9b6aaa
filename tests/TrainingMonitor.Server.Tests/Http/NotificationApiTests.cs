using System.Net;
using System.Text.Json;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.Server.Tests.Http;

/// <summary>Receivers, silences and acknowledgements over HTTP, and their part of the options.</summary>
public sealed class NotificationApiTests
{
    private const string Section = """{"receivers":[{"name":"hook","kind":"webhook","url":"http://127.0.0.1:9/"},{"name":"script","kind":"command","program":"/bin/true"}]}""";

    [Fact]
    public async Task A_server_without_receivers_says_how_to_have_some()
    {
        await using var server = await ServerUnderTest.StartAsync();
        var (status, body) = await AskAsync(server, HttpMethod.Get, "/api/v1/notifications");
        status.ShouldBe(HttpStatusCode.Conflict);
        body.GetProperty("detail").GetString()!.ShouldContain("--notify-config");
    }

    [Fact]
    public async Task A_token_is_asked_for()
    {
        await using var server = await ServerUnderTest.StartAsync();
        server.Http.DefaultRequestHeaders.Authorization = null;
        (await AskAsync(server, HttpMethod.Post, "/api/v1/silences?run=*&minutes=5")).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Silences_are_made_listed_kept_and_removed_and_mistakes_are_named()
    {
        await using var server = await ServerUnderTest.StartRealAsync(options => options with { Notifications = Section });
        var (status, made) = await AskAsync(server, HttpMethod.Post, "/api/v1/silences?project=mn*&minutes=30&comment=known&author=me");
        status.ShouldBe(HttpStatusCode.OK);
        var id = made.GetProperty("id").GetString()!;
        (await AskAsync(server, HttpMethod.Get, "/api/v1/silences")).Body.GetProperty("silences")[0].GetProperty("project").GetString().ShouldBe("mn*");
        foreach (var (path, parameter) in ((string, string)[])[("minutes=5", "run"), ("run=*", "minutes"), ("run=*&minutes=0", "minutes"), ("run=*&minutes=NaN", "minutes"), ("run=*&minutes=5&severity=bad", "severity"), ("run=*&minutes=5&hours=1", "hours")])
        {
            var answer = await AskAsync(server, HttpMethod.Post, "/api/v1/silences?" + path);
            (answer.Status, answer.Body.GetProperty("parameter").GetString()).ShouldBe((HttpStatusCode.BadRequest, parameter), path);
        }

        (await AskAsync(server, HttpMethod.Delete, "/api/v1/silences/" + id)).Status.ShouldBe(HttpStatusCode.OK);
        (await AskAsync(server, HttpMethod.Delete, "/api/v1/silences/" + id)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await AskAsync(server, HttpMethod.Post, "/api/v1/acks?alert=a/b")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await AskAsync(server, HttpMethod.Get, "/api/v1/acks")).Body.GetProperty("acks").GetArrayLength().ShouldBe(0);
        (await AskAsync(server, HttpMethod.Post, "/api/v1/notifications/test?to=fax")).Status.ShouldBe(HttpStatusCode.NotFound);
        var results = (await AskAsync(server, HttpMethod.Post, "/api/v1/notifications/test")).Body.GetProperty("results");
        results.EnumerateArray().Select(result => result.GetProperty("delivered").GetBoolean()).ShouldBe([false, true]);
        (await AskAsync(server, HttpMethod.Get, "/api/v1/notifications")).Body.GetProperty("receivers").GetArrayLength().ShouldBe(2);
        var metrics = await server.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        metrics.ShouldContain("trainmon_notifications_total{receiver=\"hook\",outcome=\"sent\"} 0");
        metrics.ShouldContain("trainmon_notifications_waiting{receiver=\"script\"} 0");
    }

    [Fact]
    public void The_section_comes_from_the_settings_file_and_shows_names_only()
    {
        using var folder = new TemporaryFolder();
        var settings = Path.Combine(folder.Path, "settings.json");
        File.WriteAllText(settings, $$"""{ "Notifications": {{Section.Replace("127.0.0.1:9/", "127.0.0.1:9/s3cr3t", StringComparison.Ordinal)}} }""");
        var report = ServerOptionsReport.Resolve(settingsFile: settings, environment: new Dictionary<string, string>());
        report.ToString().ShouldContain("hook (webhook), script (command)");
        report.ToString().ShouldNotContain("s3cr3t");
    }

    [Theory]
    [InlineData("""{"receivers":[{"name":"a","kind":"fax"}]}""", "NotifyConfig (FILE): receivers[0].kind:")]
    [InlineData("nonsense", "NotifyConfig (FILE): the section:")]
    [InlineData(null, "NotifyConfig: FILE cannot be read:")]
    public void A_mistake_in_the_file_is_said_at_start_with_its_path(string? text, string problem)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "notify.json");
        if (text is not null)
        {
            File.WriteAllText(file, text);
        }

        var said = new Dictionary<string, string> { ["NotifyConfig"] = file };
        var error = Should.Throw<InvalidOperationException>(() => ServerOptionsReport.Resolve(said, environment: new Dictionary<string, string>()));
        error.Message.ShouldStartWith(problem.Replace("FILE", file, StringComparison.Ordinal));
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(ServerUnderTest server, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        using var answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (answer.StatusCode, body.RootElement.Clone());
    }
}
