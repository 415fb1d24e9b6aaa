using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using TrainingMonitor.Notifications.Delivery;
using TrainingMonitor.Notifications.Receivers;
using TrainingMonitor.Notifications.Tests.Support;

namespace TrainingMonitor.Notifications.Tests.Receivers;

/// <summary>Bodies as they go over the wire, against files that people have looked at. A new golden is what a failing test leaves beside the program.</summary>
public sealed class GoldenBodyTests
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Names => ["webhook", "slack", "discord", "pagerduty"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Bodies_are_as_they_were(string kind)
    {
        var actual = new JsonObject
        {
            ["firing"] = Body(kind, Samples.Firing()),
            ["resolved"] = Body(kind, Samples.Resolved() with { Note = "The run has ended." }),
            ["run"] = Body(kind, Samples.Firing("") with { Project = "", Page = "" }),
        }.ToJsonString(Readable) + "\n";
        var path = Path.Combine(AppContext.BaseDirectory, "Goldens", kind + ".json");
        var golden = File.Exists(path) ? await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken) : "";
        if (golden != actual)
        {
            await File.WriteAllTextAsync(Path.Combine(AppContext.BaseDirectory, kind + ".actual.json"), actual, TestContext.Current.CancellationToken);
        }

        (actual == golden).ShouldBeTrue($"{kind}.actual.json differs from Goldens/{kind}.json");
    }

    private static JsonObject Body(string kind, Notification notification) => kind switch
    {
        "webhook" => WebhookNotifier.Body(notification, "hook", "http://127.0.0.1:4651/"),
        "slack" => SlackNotifier.Body(notification),
        "discord" => DiscordNotifier.Body(notification),
        _ => PagerDutyNotifier.Body(notification, "key"),
    };
}
