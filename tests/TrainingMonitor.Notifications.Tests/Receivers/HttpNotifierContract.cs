using System.Globalization;
using TrainingMonitor.Notifications.Delivery;
using TrainingMonitor.Notifications.Tests.Support;

namespace TrainingMonitor.Notifications.Tests.Receivers;

/// <summary>What every notifier does that speaks HTTP.</summary>
public abstract class HttpNotifierContract : NotifierContract
{
    protected StubReceiver Stub { get; private set; } = null!;

    protected override bool Started => !Stub.Got.IsEmpty;

    public override async ValueTask InitializeAsync() => Stub = await StubReceiver.StartAsync();

    public override async ValueTask DisposeAsync()
    {
        await Stub.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(200, DeliveryOutcome.Delivered)]
    [InlineData(202, DeliveryOutcome.Delivered)]
    [InlineData(302, DeliveryOutcome.Later)]
    [InlineData(400, DeliveryOutcome.Refused)]
    [InlineData(401, DeliveryOutcome.Later)]
    [InlineData(403, DeliveryOutcome.Later)]
    [InlineData(404, DeliveryOutcome.Later)]
    [InlineData(408, DeliveryOutcome.Later)]
    [InlineData(410, DeliveryOutcome.Refused)]
    [InlineData(413, DeliveryOutcome.Refused)]
    [InlineData(422, DeliveryOutcome.Refused)]
    [InlineData(429, DeliveryOutcome.Later)]
    [InlineData(500, DeliveryOutcome.Later)]
    [InlineData(503, DeliveryOutcome.Later)]
    public async Task A_status_says_what_becomes_of_it_after_one_request(int status, DeliveryOutcome outcome)
    {
        Stub.Status(status, "words");
        using var notifier = Create();
        var result = await notifier.SendAsync([Samples.Firing()], Stop);
        result.Outcome.ShouldBe(outcome);
        (outcome == DeliveryOutcome.Delivered ? "" : $"{status} words").ShouldBe(result.Message);
        Stub.Got.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Retry_after_is_heard_in_seconds_and_as_a_date_and_bounded()
    {
        using var notifier = Create();
        Stub.Status(429, retryAfter: "17");
        (await notifier.SendAsync([Samples.Firing()], Stop)).RetryAfter.ShouldBe(TimeSpan.FromSeconds(17));
        Stub.Status(503, retryAfter: "999999");
        (await notifier.SendAsync([Samples.Firing()], Stop)).RetryAfter.ShouldBe(TimeSpan.FromMinutes(10));
        Stub.Status(503, retryAfter: DateTimeOffset.UtcNow.AddMinutes(5).ToString("r", CultureInfo.InvariantCulture));
        (await notifier.SendAsync([Samples.Firing()], Stop)).RetryAfter.ShouldBeInRange(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5));
        Stub.Status(503, retryAfter: DateTimeOffset.UtcNow.AddMinutes(-5).ToString("r", CultureInfo.InvariantCulture));
        (await notifier.SendAsync([Samples.Firing()], Stop)).RetryAfter.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_receiver_that_is_not_there_is_tried_later()
    {
        using var notifier = Create();
        await Stub.DisposeAsync();
        (await notifier.SendAsync([Samples.Firing()], Stop)).Outcome.ShouldBe(DeliveryOutcome.Later);
    }

    [Fact]
    public async Task A_redirect_carries_nothing_elsewhere()
    {
        await using var elsewhere = await StubReceiver.StartAsync();
        Stub.Answer = context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = elsewhere.Url.ToString();
            return Task.CompletedTask;
        };
        using var notifier = Create();
        (await notifier.SendAsync([Samples.Firing()], Stop)).Outcome.ShouldBe(DeliveryOutcome.Later);
        elsewhere.Got.ShouldBeEmpty();
    }

    protected override IReadOnlyList<string> Received() => [.. Stub.Got.Select(got => System.Text.RegularExpressions.Regex.Unescape(got.Body.GetRawText().Replace("\\\"", "", StringComparison.Ordinal)))];

    protected override void Refuse(string words) => Stub.Status(400, words);

    protected override void Fail() => Stub.Status(503);

    protected override void Mend() => Stub.Status(200);

    protected override void Hang() => Stub.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
}
