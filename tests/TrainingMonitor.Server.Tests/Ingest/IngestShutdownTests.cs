using Grpc.Core;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.Server.Tests.Ingest;

public sealed class IngestShutdownTests
{
    [Fact]
    public async Task Shutdown_says_go_away_and_lets_the_trainer_finish()
    {
        await using var server = await ServerUnderTest.StartAsync();
        using var trainer = new Trainer(server);
        await trainer.OpenAsync();
        var stopping = server.Server.DisposeAsync();
        (await trainer.ReadAsync())!.GoAway.Reason.ShouldNotBeEmpty();
        await trainer.SendAsync(Trainer.Scalars(1));
        await trainer.DoneAsync();
        (await trainer.ReadAckAsync(1)).Durable.ShouldBe(1UL);
        (await trainer.ReadAsync()).ShouldBeNull();
        await stopping;
        server.Node.Disposed.ShouldBeTrue();
        server.Node.Gateway.Streams.Single().Posted.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Shutdown_closes_who_stays()
    {
        await using var server = await ServerUnderTest.StartAsync(o => o with { DrainSeconds = 0.2 });
        using var trainer = new Trainer(server);
        await trainer.OpenAsync();
        var stopping = server.Server.DisposeAsync();
        var (error, _) = await trainer.ReadErrorAsync();
        error.StatusCode.ShouldBe(StatusCode.Unavailable, error.ToString());
        await stopping;
    }
}
