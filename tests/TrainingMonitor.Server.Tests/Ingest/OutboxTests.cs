using Microsoft.Extensions.Time.Testing;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Ingest;

namespace TrainingMonitor.Server.Tests.Ingest;

public sealed class OutboxTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task Acks_merge_into_the_newest()
    {
        var outbox = new Outbox(time);
        for (var i = 1UL; i <= 1000; i++)
            outbox.TryAdd(Ack(i, i / 2, i + 8)).ShouldBeTrue();
        (await outbox.TakeAsync(TestContext.Current.CancellationToken))!.Ack.ShouldBe(new Ack { Received = 1000, Durable = 500, SendLimit = 1008 });
        outbox.SendLimitNow().ShouldBe(1008UL);
        outbox.Complete();
        (await outbox.TakeAsync(TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    [Fact]
    public async Task A_resend_stays_asked_for_until_the_gap_is_filled()
    {
        var outbox = new Outbox(time);
        outbox.TryAdd(Ack(5, 5, 20, resend: 6));
        outbox.TryAdd(Ack(5, 5, 20));
        (await outbox.TakeAsync(TestContext.Current.CancellationToken))!.Ack.ResendFrom.ShouldBe(6UL);
        outbox.TryAdd(Ack(5, 5, 20, resend: 6));
        outbox.TryAdd(Ack(9, 5, 20));
        time.Advance(Outbox.AckInterval);
        (await outbox.TakeAsync(TestContext.Current.CancellationToken))!.Ack.ResendFrom.ShouldBe(0UL);
    }

    [Fact]
    public async Task Alerts_are_kept_in_order_before_acks_and_bounded()
    {
        var outbox = new Outbox(time);
        outbox.TryAdd(Ack(1, 1, 2));
        for (var i = 1UL; i <= Outbox.Limit; i++)
            outbox.TryAdd(new ServerFrame { Alert = new Alert { Ordinal = i } }).ShouldBeTrue();
        outbox.TryAdd(new ServerFrame { Alert = new Alert() }).ShouldBeFalse();
        outbox.TryAdd(Ack(2, 2, 3)).ShouldBeTrue();
        for (var i = 1UL; i <= Outbox.Limit; i++)
            (await outbox.TakeAsync(TestContext.Current.CancellationToken))!.Alert.Ordinal.ShouldBe(i);
        (await outbox.TakeAsync(TestContext.Current.CancellationToken))!.Ack.Received.ShouldBe(2UL);
    }

    [Fact]
    public async Task Acks_after_the_first_wait_for_their_time()
    {
        var outbox = new Outbox(time);
        outbox.Begin(new Welcome { SendLimit = 100 });
        outbox.TryAdd(Ack(1, 1, 101));
        (await TakeAsync(outbox)).Durable.ShouldBe(1UL);
        outbox.TryAdd(Ack(2, 2, 102));
        var next = TakeAsync(outbox);
        time.Advance(Outbox.AckInterval - TimeSpan.FromTicks(1));
        outbox.WakeWhenDue();
        outbox.TryAdd(Ack(3, 3, 103));
        await StillWaitsAsync(next);
        time.Advance(TimeSpan.FromTicks(1));
        outbox.WakeWhenDue();
        (await next).ShouldBe(new Ack { Received = 3, Durable = 3, SendLimit = 103 });
    }

    [Theory]
    [InlineData("bytes")]
    [InlineData("credits")]
    [InlineData("goodbye")]
    [InlineData("end of the stream")]
    [InlineData("missing frame")]
    public async Task An_ack_that_something_hangs_on_does_not_wait(string what)
    {
        var outbox = new Outbox(time);
        outbox.Begin(new Welcome { SendLimit = 100 });
        outbox.TryAdd(Ack(1, 1, 101));
        await TakeAsync(outbox);
        outbox.Took(Outbox.AckBytes - 1);
        outbox.TryAdd(Ack(50, 50, 150));
        var next = TakeAsync(outbox);
        await StillWaitsAsync(next);
        switch (what)
        {
            case "bytes": outbox.Took(1); break;
            case "credits": outbox.TryAdd(Ack(51, 51, 151)); break;
            case "goodbye": outbox.Hurry(); break;
            case "end of the stream": outbox.CompleteWhenDurable(50); break;
            default: outbox.TryAdd(Ack(50, 50, 150, resend: 51)); break;
        }

        (await next).Durable.ShouldBeGreaterThanOrEqualTo(50UL);
        var after = outbox.TakeAsync(TestContext.Current.CancellationToken).AsTask();
        outbox.TryAdd(Ack(52, 52, 152));
        if (what is "goodbye")
            (await after)!.Ack.Durable.ShouldBe(52UL);
        else if (what is "end of the stream")
            (await after).ShouldBeNull();
        else
            after.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task An_alert_does_not_wait_for_the_ack()
    {
        var outbox = new Outbox(time);
        outbox.TryAdd(Ack(1, 1, 100));
        await TakeAsync(outbox);
        outbox.TryAdd(Ack(2, 2, 101));
        outbox.TryAdd(new ServerFrame { Alert = new Alert { Ordinal = 1 } });
        (await outbox.TakeAsync(TestContext.Current.CancellationToken))!.Alert.Ordinal.ShouldBe(1UL);
    }

    [Fact]
    public async Task It_completes_when_the_awaited_sequence_is_durable()
    {
        var outbox = new Outbox(time);
        outbox.CompleteWhenDurable(7);
        outbox.TryAdd(Ack(7, 6, 9)).ShouldBeTrue();
        outbox.TryAdd(Ack(7, 7, 9)).ShouldBeTrue();
        outbox.TryAdd(Ack(8, 8, 9)).ShouldBeFalse();
        (await outbox.TakeAsync(TestContext.Current.CancellationToken))!.Ack.Durable.ShouldBe(7UL);
        (await outbox.TakeAsync(TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    [Fact]
    public async Task A_session_whose_trainer_does_not_read_is_closed()
    {
        var session = new IngestSession();
        for (var i = 0; i < Outbox.Limit; i++)
            session.TrySend(new ServerFrame { Alert = new Alert() }).ShouldBeTrue();
        session.TrySend(new ServerFrame { Alert = new Alert() }).ShouldBeFalse();
        (await session.Closed).StatusCode.ShouldBe(Grpc.Core.StatusCode.ResourceExhausted);
    }

    private static async Task<Ack> TakeAsync(Outbox outbox) => (await outbox.TakeAsync(TestContext.Current.CancellationToken)).ShouldNotBeNull().Ack;

    // The reader is woken on the pool; what does not come in a while does not come.
    private static async Task StillWaitsAsync(Task<Ack> next)
    {
        await Task.Delay(50, TestContext.Current.CancellationToken);
        next.IsCompleted.ShouldBeFalse();
    }

    private static ServerFrame Ack(ulong received, ulong durable, ulong limit, ulong resend = 0) =>
        new() { Ack = new Ack { Received = received, Durable = durable, SendLimit = limit, ResendFrom = resend } };
}
