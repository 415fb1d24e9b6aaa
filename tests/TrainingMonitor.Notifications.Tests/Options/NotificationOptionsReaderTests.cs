using TrainingMonitor.Notifications.Options;
using TrainingMonitor.Notifications.Tests.Support;

namespace TrainingMonitor.Notifications.Tests.Options;

public sealed class NotificationOptionsReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("""{"receivers":[{"name":"a","kind":"webhook","url":"ftp://x"}]}""", "receivers[0].url")]
    [InlineData("""{"receivers":[{"name":"a","kind":"webhook","url":"http://user:s3cr3t@x"}]}""", "receivers[0].url")]
    [InlineData("""{"receivers":[{"name":"a b","kind":"webhook","url":"http://x"}]}""", "receivers[0].name")]
    [InlineData("""{"receivers":[{"name":"a","kind":"fax"}]}""", "receivers[0].kind")]
    [InlineData("""{"receivers":[{"name":"a","kind":"slack","url":"http://s3cr3t","secretVariable":"ADDRESS"}]}""", "receivers[0].url")]
    [InlineData("""{"receivers":[{"name":"a","kind":"slack"}]}""", "receivers[0].secretFile")]
    [InlineData("""{"receivers":[{"name":"a","kind":"slack","secretVariable":"NONE"}]}""", "receivers[0].secretVariable")]
    [InlineData("""{"receivers":[{"name":"a","kind":"slack","secretVariable":"NOADDRESS"}]}""", "receivers[0].secretVariable")]
    [InlineData("""{"receivers":[{"name":"a","kind":"pagerduty","secretFile":"/nonexistent/file"}]}""", "receivers[0].secretFile")]
    [InlineData("""{"receivers":[{"name":"a","kind":"pagerduty","secretFile":"/x","secretVariable":"NOADDRESS"}]}""", "receivers[0].secretFile")]
    [InlineData("""{"receivers":[{"name":"a","kind":"command","program":"relative"}]}""", "receivers[0].program")]
    [InlineData("""{"receivers":[{"name":"a","kind":"command","program":"/nonexistent/program"}]}""", "receivers[0].program")]
    [InlineData("""{"receivers":[{"name":"a","kind":"webhook","url":"http://x","timeoutSeconds":0}]}""", "receivers[0].timeoutSeconds")]
    [InlineData("""{"receivers":[{"name":"a","kind":"webhook","url":"http://x"},{"name":"a","kind":"webhook","url":"http://x"}]}""", "receivers[1].name")]
    [InlineData("""{"routes":[{"receivers":["b"]}]}""", "routes[0].receivers[0]")]
    [InlineData("""{"routes":[{"severities":["warning","bad"]}]}""", "routes[0].severities[1]")]
    [InlineData("""{"queueLimit":0}""", "queueLimit")]
    [InlineData("""{"receivers":[{"nam":"a"}]}""", "receivers[0].nam")]
    [InlineData("""{"receivers":[{"name":7}]}""", "receivers[0].name")]
    [InlineData("""{"receivers":null}""", "receivers")]
    [InlineData("""{"routes":[],"routes":[]}""", "routes")]
    [InlineData("""[]""", "the section")]
    [InlineData("""null""", "the section")]
    [InlineData("""{""", "the section")]
    public void A_mistake_is_named_by_its_path_and_never_quotes_a_secret(string json, string path)
    {
        var problems = new List<string>();
        NotificationOptionsReader.Read(json, Variable, problems).ShouldBeNull();
        problems.ShouldHaveSingleItem().ShouldStartWith(path + ":");
        problems[0].ShouldNotContain("s3cr3t");
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        var problems = new List<string>();
        NotificationOptionsReader.Read("""{"receivers":[{"name":"","kind":"fax"}],"routes":[{"receivers":["b"]}],"giveUpHours":0}""", Variable, problems);
        problems.Count.ShouldBe(4);
    }

    [Fact]
    public void A_whole_configuration_is_read_and_shows_names_only()
    {
        var problems = new List<string>();
        var options = NotificationOptionsReader.Read(
            $$"""
            {
              // a comment
              "receivers": [
                { "name": "am", "kind": "alertmanager", "url": "http://127.0.0.1:9093", "resendSeconds": 30 },
                { "name": "chat", "kind": "slack", "secretFile": "{{folder.Write("slack", "https://hooks.example/s3cr3t\n")}}", "repeatHours": 4 },
                { "name": "pager", "kind": "pagerduty", "secretVariable": "NOADDRESS" },
                { "name": "script", "kind": "command", "program": "/bin/sh", "arguments": ["a b"] },
              ],
              "routes": [{ "severities": ["critical"], "receivers": ["pager"], "continue": true }, { "receivers": ["am", "chat"] }]
            }
            """,
            Variable,
            problems);
        problems.ShouldBeEmpty();
        options!.Receivers[1].RepeatHours.ShouldBe(4);
        options.Routes[0].Continue.ShouldBeTrue();
        options.ToString().ShouldBe("am (alertmanager), chat (slack), pager (pagerduty), script (command)");
    }

    private static string? Variable(string name) => name switch { "NOADDRESS" => "s3cr3t", "ADDRESS" => "http://s3cr3t", _ => null };
}
