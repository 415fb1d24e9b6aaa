using TrainingMonitor.Notifications.Options;
using TrainingMonitor.Notifications.Receivers;
using TrainingMonitor.Notifications.Tests.Support;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Notifications.Tests.Receivers;

/// <summary>Against a real Alertmanager, which itself tells a webhook of the test's: what arrives there is what a person would get.</summary>
public sealed class AlertmanagerTests
{
    [Fact]
    public async Task An_alert_arrives_once_survives_restarts_of_both_and_is_resolved()
    {
        await using var hook = await StubReceiver.StartAsync();
        await using var manager = await AlertmanagerServer.StartAsync(hook.Url);
        await using var test = new CenterUnderTest(TimeProvider.System, new NotificationOptions
        {
            Receivers = [new ReceiverOptions { Name = "am", Kind = "alertmanager", Url = manager.Url.ToString(), ResendSeconds = 1 }],
        });
        test.Start();
        var alert = Samples.Alert(1, layer: "fc «1» \"x\"");
        test.Take(alert);
        await Eventually.Async(() => hook.Got.Count == 1);
        var first = (await manager.AlertsAsync()).ShouldHaveSingleItem();
        first.GetProperty("labels").EnumerateObject().Select(label => label.Name).Order().ShouldBe(["alertname", "layer", "project", "run", "severity"]);
        first.GetProperty("fingerprint").GetString().ShouldBe(Fingerprint.Of(AlertWords.Labels(Samples.Firing(alert.Layer))));
        first.GetProperty("annotations").GetProperty("summary").GetString().ShouldBe(alert.Summary);
        first.GetProperty("generatorURL").GetString().ShouldBe("http://127.0.0.1:4651/runs/run-1");

        // Sent again while it fires: its end moves on, its start does not.
        var end = first.GetProperty("endsAt").GetDateTimeOffset();
        await Eventually.Async(async () => (await manager.AlertsAsync()).Single().GetProperty("endsAt").GetDateTimeOffset() > end);

        await test.RestartAsync();
        test.Take(alert); // as a replay of the log does
        end = (await manager.AlertsAsync()).Single().GetProperty("endsAt").GetDateTimeOffset();
        await Eventually.Async(async () => (await manager.AlertsAsync()).Single().GetProperty("endsAt").GetDateTimeOffset() > end);
        (await manager.AlertsAsync()).Single().GetProperty("startsAt").GetDateTimeOffset().ShouldBe(first.GetProperty("startsAt").GetDateTimeOffset());
        hook.Got.Count.ShouldBe(1);

        // Alertmanager forgets what fires when it is killed, and hears of it again.
        await manager.KillAsync();
        await manager.RunAsync();
        await Eventually.Async(async () => (await manager.AlertsAsync()).Count == 1);

        test.Take(Samples.Alert(2, AlertState.Resolved, layer: alert.Layer));
        await Eventually.Async(() => hook.Got.Any(got => got.Body.GetProperty("status").GetString() == "resolved"));
        await Eventually.Async(async () => (await manager.AlertsAsync()).Count == 0);
        hook.Got.Where(got => got.Body.GetProperty("status").GetString() == "resolved").Select(got => got.Body.GetProperty("alerts")[0].GetProperty("fingerprint").GetString())
            .Distinct().ShouldBe([first.GetProperty("fingerprint").GetString()]);
    }

    [Fact]
    public async Task Our_webhook_has_every_field_of_alertmanagers_own_with_the_same_kinds_of_values()
    {
        await using var hook = await StubReceiver.StartAsync();
        await using var manager = await AlertmanagerServer.StartAsync(hook.Url);
        using var notifier = NotifierFactory.Create(new ReceiverOptions { Name = "am", Kind = "alertmanager", Url = manager.Url.ToString() }, "", _ => null, TimeProvider.System);
        var notification = Samples.Firing() with { StartsAt = DateTimeOffset.UtcNow };
        await notifier.SendAsync([notification], TestContext.Current.CancellationToken);
        await Eventually.Async(() => !hook.Got.IsEmpty);
        var theirs = hook.Got.First().Body;
        using var document = System.Text.Json.JsonDocument.Parse(WebhookNotifier.Body(notification, "all", "http://x/").ToJsonString());
        var ours = document.RootElement;
        Shape(ours).ShouldBe(Shape(theirs));
        Shape(ours.GetProperty("alerts")[0]).ShouldBe(Shape(theirs.GetProperty("alerts")[0]));
        ours.GetProperty("alerts")[0].GetProperty("fingerprint").GetString().ShouldBe(theirs.GetProperty("alerts")[0].GetProperty("fingerprint").GetString());
    }

    private static List<string> Shape(System.Text.Json.JsonElement json) =>
        [.. json.EnumerateObject().Select(property => $"{property.Name}: {property.Value.ValueKind}").Order(StringComparer.Ordinal)];
}
