using TrainingMonitor.Notifications.Delivery;
using TrainingMonitor.Notifications.Options;
using TrainingMonitor.Notifications.Receivers;
using TrainingMonitor.Notifications.Tests.Support;

namespace TrainingMonitor.Notifications.Tests.Receivers;

/// <summary>What every notifier does, whatever it speaks to.</summary>
public abstract class NotifierContract : IAsyncLifetime
{
    protected const string SecretText = "s3cr3t-0123456789";

    protected TemporaryFolder Folder { get; } = new();

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual ValueTask DisposeAsync()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Firing_and_resolved_are_delivered_once_each()
    {
        using var notifier = Create();
        (await notifier.SendAsync([Samples.Firing()], Stop)).ShouldBe(new DeliveryResult(DeliveryOutcome.Delivered));
        (await notifier.SendAsync([Samples.Resolved()], Stop)).ShouldBe(new DeliveryResult(DeliveryOutcome.Delivered));
        var got = Received();
        got.Count.ShouldBe(2);
        got.ShouldAllBe(text => text.Contains("run-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_wrong_for_good_is_refused_with_the_receivers_words()
    {
        Refuse("field x is wrong");
        using var notifier = Create();
        var result = await notifier.SendAsync([Samples.Firing()], Stop);
        result.Outcome.ShouldBe(DeliveryOutcome.Refused);
        result.Message.ShouldContain("field x is wrong");
    }

    [Fact]
    public async Task What_fails_now_is_to_come_again_and_then_is_delivered()
    {
        using var notifier = Create();
        Fail();
        (await notifier.SendAsync([Samples.Firing()], Stop)).Outcome.ShouldBe(DeliveryOutcome.Later);
        Mend();
        (await notifier.SendAsync([Samples.Firing()], Stop)).Outcome.ShouldBe(DeliveryOutcome.Delivered);
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_is_given_up_for_now()
    {
        Hang();
        using var notifier = Create(timeout: 0.3);
        var result = await notifier.SendAsync([Samples.Firing()], Stop);
        result.Outcome.ShouldBe(DeliveryOutcome.Later);
        result.Message.ShouldContain("in time");
    }

    [Fact]
    public async Task Stopping_ends_an_attempt()
    {
        Hang();
        using var notifier = Create(timeout: 60);
        using var stop = new CancellationTokenSource();
        var sending = notifier.SendAsync([Samples.Firing()], stop.Token);
        await Eventually.Async(() => Started);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(sending);
    }

    [Fact]
    public async Task Long_and_strange_texts_are_taken()
    {
        using var notifier = Create();
        var alert = Samples.Alert(run: "läuf 😀 \"$(touch x)\" <!channel> @everyone");
        alert.Summary = string.Concat(Enumerable.Repeat("😀é\u0001", 4000));
        alert.Advice = new string('a', 9000);
        (await notifier.SendAsync([new Notification(alert, "", NotificationStatus.Firing, Samples.Start, null)], Stop)).Outcome.ShouldBe(DeliveryOutcome.Delivered);
        Received().Single().ShouldContain("läuf");
    }

    [Fact]
    public async Task No_message_holds_the_secret()
    {
        Refuse($"bad {SecretText}");
        using var notifier = Create();
        (await notifier.SendAsync([Samples.Firing()], Stop)).Message.ShouldNotContain(SecretText);
    }

    /// <summary>Options of the receiver under test.</summary>
    private protected abstract ReceiverOptions Options { get; }

    /// <summary>Whether an attempt is under way or has been.</summary>
    protected abstract bool Started { get; }

    /// <summary>Bodies it got.</summary>
    protected abstract IReadOnlyList<string> Received();

    protected abstract void Refuse(string words);

    protected abstract void Fail();

    protected abstract void Mend();

    protected abstract void Hang();

    private protected INotifier Create(double timeout = 20) =>
        NotifierFactory.Create(Options with { TimeoutSeconds = timeout }, "http://127.0.0.1:4651/", name => name == "KEY" ? Key : null, TimeProvider.System);

    /// <summary>The secret as the environment holds it.</summary>
    protected virtual string Key => SecretText;
}
