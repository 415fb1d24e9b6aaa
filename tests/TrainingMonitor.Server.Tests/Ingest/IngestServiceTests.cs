using Google.Protobuf;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.Server.Tests.Ingest;

public sealed class IngestServiceTests
{
    [Fact]
    public async Task A_stream_is_welcomed_acked_and_ends_when_all_is_durable()
    {
        await using var server = await ServerUnderTest.StartAsync();
        using var trainer = new Trainer(server);
        (await trainer.OpenAsync()).SendLimit.ShouldBe(16UL);
        for (var i = 1UL; i <= 10; i++)
            await trainer.SendAsync(Trainer.Scalars(i));
        (await trainer.ReadAckAsync(10)).Durable.ShouldBe(10UL);
        await trainer.DoneAsync();
        (await trainer.ReadAsync()).ShouldBeNull();
        trainer.Status.StatusCode.ShouldBe(StatusCode.OK);

        var stream = server.Node.Gateway.Streams.Single();
        await stream.Gone.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        stream.Posted.Select(p => p.Frame.Sequence).ShouldBe(Enumerable.Range(1, 10).Select(i => (ulong)i));
    }

    [Fact]
    public async Task The_bytes_are_handed_on_as_received()
    {
        await using var server = await ServerUnderTest.StartAsync();
        using var trainer = new Trainer(server);
        await trainer.OpenAsync();
        // An unknown field (1000, varint) and an unusual field order: a second serialization would lose both.
        byte[] odd = [.. Trainer.Scalars(1).ToByteArray()[2..], 0xC0, 0x3E, 0x07, 0x08, 0x01];
        await trainer.SendAsync(odd);
        await trainer.ReadAckAsync(1);
        server.Node.Gateway.Streams.Single().Posted.Single().Raw.ShouldBe(odd);
    }

    [Fact]
    public async Task The_first_frame_must_be_a_hello()
    {
        await using var server = await ServerUnderTest.StartAsync();
        using var trainer = new Trainer(server);
        await trainer.SendAsync(Trainer.Scalars(1));
        var (error, field) = await trainer.ReadErrorAsync();
        error.StatusCode.ShouldBe(StatusCode.InvalidArgument);
        field.ShouldBe("hello");
    }

    [Fact]
    public async Task A_second_hello_is_refused()
    {
        await using var server = await ServerUnderTest.StartAsync();
        using var trainer = new Trainer(server);
        await trainer.OpenAsync();
        await trainer.SendAsync(Trainer.Frame(Trainer.Hello()));
        var (error, field) = await trainer.ReadErrorAsync();
        error.StatusCode.ShouldBe(StatusCode.InvalidArgument);
        field.ShouldBe("hello");
    }

    [Fact]
    public async Task An_unknown_protocol_version_is_refused()
    {
        await using var server = await ServerUnderTest.StartAsync();
        using var trainer = new Trainer(server);
        var hello = Trainer.Hello();
        hello.ProtocolVersion = 99;
        await trainer.SendAsync(Trainer.Frame(hello));
        var (error, field) = await trainer.ReadErrorAsync();
        error.StatusCode.ShouldBe(StatusCode.FailedPrecondition);
        field.ShouldBe("hello.protocol_version");
    }

    [Fact]
    public async Task Garbage_is_refused_and_the_server_goes_on()
    {
        await using var server = await ServerUnderTest.StartAsync();
        using (var trainer = new Trainer(server))
        {
            await trainer.OpenAsync();
            await trainer.SendAsync([0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x02]);
            var (error, field) = await trainer.ReadErrorAsync();
            error.StatusCode.ShouldBe(StatusCode.InvalidArgument);
            field.ShouldBe("frame");
        }

        using var next = new Trainer(server);
        await next.OpenAsync(Trainer.Hello("run-2"));
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(5_000_000)]
    public async Task An_oversized_frame_is_refused(int size)
    {
        await using var server = await ServerUnderTest.StartAsync(o => o with { MaxFrameBytes = 2048 });
        using var trainer = new Trainer(server);
        await trainer.OpenAsync();
        // The server may hang up while the bytes are still on their way.
        var sending = trainer.SendAsync(new byte[size]);
        var (error, field) = await trainer.ReadErrorAsync();
        error.StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        field.ShouldBe("frame");
        error.Status.Detail.ShouldContain("2048");
        await sending.ContinueWith(static t => _ = t.Exception, TestContext.Current.CancellationToken, TaskContinuationOptions.None, TaskScheduler.Default);
        // It would be too large the next time as well: nothing says to try again.
        error.GetRpcStatus()!.GetDetail<Google.Rpc.RetryInfo>().ShouldBeNull();
    }

    [Fact]
    public async Task A_trainer_that_sends_beyond_its_credits_is_cut_off()
    {
        await using var server = await ServerUnderTest.StartAsync();
        server.Node.Gateway.Credits = 2;
        using var trainer = new Trainer(server);
        await trainer.OpenAsync();
        await trainer.SendAsync(Trainer.Scalars(99));
        var (error, field) = await trainer.ReadErrorAsync();
        error.StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        field.ShouldBe("sequence");
        server.Node.Gateway.Streams.Single().Posted.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_stream_without_a_hello_is_closed_in_time()
    {
        await using var server = await ServerUnderTest.StartAsync(o => o with { HelloSeconds = 0.1 });
        using var trainer = new Trainer(server);
        var (error, _) = await trainer.ReadErrorAsync();
        error.StatusCode.ShouldBe(StatusCode.Unavailable);
        error.GetRpcStatus()!.GetDetail<Google.Rpc.RetryInfo>().ShouldNotBeNull();
    }

    [Fact]
    public async Task A_second_stream_of_the_rank_takes_over()
    {
        await using var server = await ServerUnderTest.StartAsync();
        using var first = new Trainer(server);
        await first.OpenAsync();
        using var second = new Trainer(server);
        await second.OpenAsync();
        var (error, _) = await first.ReadErrorAsync();
        error.StatusCode.ShouldBe(StatusCode.Aborted);
        await second.SendAsync(Trainer.Scalars(1));
        (await second.ReadAckAsync(1)).Received.ShouldBe(1UL);
    }

    [Fact]
    public async Task A_refusal_of_the_run_reaches_the_trainer()
    {
        await using var server = await ServerUnderTest.StartAsync();
        server.Node.Gateway.Refuse = new RpcException(new Status(StatusCode.FailedPrecondition, "The run has finished."));
        using var trainer = new Trainer(server);
        await trainer.SendAsync(Trainer.Frame(Trainer.Hello()));
        var (error, _) = await trainer.ReadErrorAsync();
        error.Status.Detail.ShouldBe("The run has finished.");
    }

    [Fact]
    public async Task Streams_above_the_limit_are_asked_to_come_later()
    {
        await using var server = await ServerUnderTest.StartAsync(o => o with { MaxStreams = 1 });
        using var first = new Trainer(server);
        await first.OpenAsync();
        using var second = new Trainer(server);
        var (error, _) = await second.ReadErrorAsync();
        error.StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        error.GetRpcStatus()!.GetDetail<Google.Rpc.RetryInfo>()!.RetryDelay.ToTimeSpan().ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public async Task Alerts_reach_the_trainer_in_order()
    {
        await using var server = await ServerUnderTest.StartAsync();
        using var trainer = new Trainer(server);
        await trainer.OpenAsync();
        for (var i = 1UL; i <= 100; i++)
            server.Node.Gateway.Streams.Single().Session.TrySend(new ServerFrame { Alert = new Alert { Ordinal = i } }).ShouldBeTrue();
        for (var i = 1UL; i <= 100; i++)
            (await trainer.ReadAsync())!.Alert.Ordinal.ShouldBe(i);
    }

    [Fact]
    public async Task A_trainer_that_says_goodbye_waits_for_the_disk_at_most_five_seconds_and_is_told()
    {
        await using var server = await ServerUnderTest.StartAsync();
        server.Node.Gateway.Durable = false;
        using var trainer = new Trainer(server);
        await trainer.OpenAsync();
        await trainer.SendAsync(Trainer.Scalars(1));
        (await trainer.ReadAckAsync(1)).Durable.ShouldBe(0UL);
        await trainer.DoneAsync();
        server.Node.Gateway.Streams.Single().Session.TrySend(new ServerFrame { Ack = new Ack { Received = 1, Durable = 1, SendLimit = 17 } }).ShouldBeTrue();
        (await trainer.ReadAsync())!.Ack.Durable.ShouldBe(1UL);
        (await trainer.ReadAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_clock_that_is_off_is_said_once()
    {
        await using var server = await ServerUnderTest.StartAsync();
        var hello = Trainer.Hello();
        hello.TimeUnixNs += 60_000_000_000;
        for (var i = 0; i < 3; i++)
        {
            using var trainer = new Trainer(server);
            await trainer.OpenAsync(hello);
        }

        server.Log.Count(l => l.Contains("clock", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_trainer_that_vanishes_is_noticed()
    {
        await using var server = await ServerUnderTest.StartAsync();
        using (var trainer = new Trainer(server))
            await trainer.OpenAsync();
        await server.Node.Gateway.Streams.Single().Gone.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }
}
