using TrainingMonitor.Notifications.Options;
using TrainingMonitor.Notifications.Tests.Support;

namespace TrainingMonitor.Notifications.Tests.Receivers;

public sealed class AlertmanagerNotifierTests : HttpNotifierContract
{
    private protected override ReceiverOptions Options => new() { Name = "x", Kind = "alertmanager", Url = Stub.Url + "prefix/", SecretVariable = "KEY" };

    [Fact]
    public async Task The_token_travels_in_the_header_and_many_alerts_in_one_request()
    {
        using var notifier = Create();
        await notifier.SendAsync([Samples.Firing("a"), Samples.Firing("b"), Samples.Resolved("c")], Stop);
        var (path, headers, body) = Stub.Got.Single();
        path.ShouldBe("/prefix/api/v2/alerts");
        headers.Authorization.ToString().ShouldBe("Bearer " + SecretText);
        body.GetArrayLength().ShouldBe(3);
        body[2].GetProperty("endsAt").GetString().ShouldBe("2026-11-26T12:05:00.000Z");
        notifier.Resend.ShouldBe(TimeSpan.FromSeconds(60));
    }
}

public sealed class WebhookNotifierTests : HttpNotifierContract
{
    private protected override ReceiverOptions Options => new() { Name = "x", Kind = "webhook", Url = Stub.Url + "hook?a=b", SecretVariable = "KEY" };

    [Fact]
    public async Task The_same_thing_has_the_same_key_and_others_another()
    {
        using var notifier = Create();

        // A server that catches up takes several firings of one alert in within a millisecond.
        var again = Samples.Firing();
        again.Alert.Ordinal += 2;
        foreach (var notification in new[] { Samples.Firing(), Samples.Firing(), Samples.Resolved(), Samples.Firing("b"), again })
        {
            await notifier.SendAsync([notification], Stop);
        }

        var keys = Stub.Got.Select(got => got.Headers["Idempotency-Key"].ToString()).ToList();
        keys[1].ShouldBe(keys[0]);
        keys.Distinct(StringComparer.Ordinal).Count().ShouldBe(4);
        Stub.Got.ShouldAllBe(got => got.Path == "/hook?a=b" && got.Headers.Authorization == "Bearer " + SecretText);
    }
}

public sealed class SlackNotifierTests : HttpNotifierContract
{
    protected override string Key => Stub.Url + "services/" + SecretText;

    [Fact]
    public void No_block_is_longer_than_slack_takes_whatever_has_to_be_escaped()
    {
        var alert = Samples.Alert(run: new string('&', 200));
        (alert.Summary, alert.Advice) = (new string('<', 5000), new string('&', 5000));
        var body = TrainingMonitor.Notifications.Receivers.SlackNotifier.Body(Samples.Firing() with { Alert = alert });
        body["blocks"]![0]!["text"]!["text"]!.GetValue<string>().Length.ShouldBeLessThanOrEqualTo(150);
        body["blocks"]![1]!["text"]!["text"]!.GetValue<string>().Length.ShouldBeInRange(2000, 3000);
    }

    private protected override ReceiverOptions Options => new() { Name = "x", Kind = "slack", SecretVariable = "KEY" };

    // The whole address is the secret.
    protected override void Refuse(string words) => base.Refuse(words.Replace(SecretText, Key, StringComparison.Ordinal));
}

public sealed class DiscordNotifierTests : HttpNotifierContract
{
    protected override string Key => Stub.Url + "api/webhooks/" + SecretText;

    private protected override ReceiverOptions Options => new() { Name = "x", Kind = "discord", SecretVariable = "KEY" };

    protected override void Refuse(string words) => base.Refuse(words.Replace(SecretText, Key, StringComparison.Ordinal));
}

public sealed class PagerDutyNotifierTests : HttpNotifierContract
{
    private protected override ReceiverOptions Options => new() { Name = "x", Kind = "pagerduty", Url = Stub.Url.ToString(), SecretVariable = "KEY" };

    [Fact]
    public async Task Long_identities_have_short_keys_of_their_own()
    {
        using var notifier = Create();
        foreach (var tail in (string[])["a", "b", "a"])
        {
            await notifier.SendAsync([Samples.Firing(run: new string('r', 400) + tail)], Stop);
        }

        var keys = Stub.Got.Select(got => got.Body.GetProperty("dedup_key").GetString()!).ToList();
        keys.ShouldAllBe(key => key.Length <= 255);
        keys[0].ShouldBe(keys[2]);
        keys[0].ShouldNotBe(keys[1]);
    }
}
