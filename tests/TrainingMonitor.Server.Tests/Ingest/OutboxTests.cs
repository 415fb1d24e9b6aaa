using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Ingest;

namespace TrainingMonitor.Server.Tests.Ingest;

public sealed class OutboxTests
{
    [Fact]
    public async Task Acks_merge_into_the_newest()
    {
        var outbox = new Outbox();
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
        var outbox = new Outbox();
        outbox.TryAdd(Ack(5, 5, 20, resend: 6));
        outbox.TryAdd(Ack(5, 5, 20));
        (await outbox.TakeAsync(TestContext.Current.CancellationToken))!.Ack.ResendFrom.ShouldBe(6UL);
        outbox.TryAdd(Ack(5, 5, 20, resend: 6));
        outbox.TryAdd(Ack(9, 5, 20));
        (await outbox.TakeAsync(TestContext.Current.CancellationToken))!.Ack.ResendFrom.ShouldBe(0UL);
    }

    [Fact]
    public async Task Alerts_are_kept_in_order_before_acks_and_bounded()
    {
        var outbox = new Outbox();
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
    public async Task It_completes_when_the_awaited_sequence_is_durable()
    {
        var outbox = new Outbox();
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

    private static ServerFrame Ack(ulong received, ulong durable, ulong limit, ulong resend = 0) =>
        new() { Ack = new Ack { Received = received, Durable = durable, SendLimit = limit, ResendFrom = resend } };
}
