using TrainingMonitor.Client.Tests.Stub;
using TrainingMonitor.Protocol.V1;
using static TrainingMonitor.Client.Tests.TestClients;

namespace TrainingMonitor.Client.Tests;

/// <summary>The token file of the user's own server.</summary>
public sealed class TokenDeliveryTests : IDisposable
{
    private readonly TestClients clients = new();
    private readonly string data = Directory.CreateTempSubdirectory("trainmon-data-").FullName;

    // Only these tests look at the variable: all others give a token.
    public TokenDeliveryTests() => Environment.SetEnvironmentVariable("TRAINMON_DATA", data);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("TRAINMON_DATA", null);
        clients.Dispose();
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task A_token_made_after_the_trainer_started_is_found()
    {
        await using var server = await StubServer.StartAsync();
        server.WantedToken = "made-later";
        var client = clients.Start(server.Address, o => o with { Token = null });
        client.SetLayers(Table(4));
        client.Report(Report(0));
        await Until(() => server.Connections >= 2, "the second attempt");
        client.IsOn.ShouldBeTrue();

        await File.WriteAllTextAsync(Path.Combine(data, "token"), "made-later\n", CancellationToken.None);
        await Until(() => server.Ledgers.Count == 1 && server.Ledger.Steps.Count == 1, "the step");
        client.Finish(Goodbye.Types.Reason.Finished);

        server.Ledger.SaidGoodbye.ShouldBeTrue();
        clients.Said.First().ShouldContain("token");
    }

    [Fact]
    public async Task A_token_in_the_file_that_is_refused_and_stays_turns_the_monitor_off()
    {
        await File.WriteAllTextAsync(Path.Combine(data, "token"), "of-another-server", CancellationToken.None);
        await using var server = await StubServer.StartAsync();
        server.WantedToken = "right";
        var client = clients.Start(server.Address, o => o with { Token = null });

        await Until(() => !client.IsOn, "the client to go off");
        client.Finish(Goodbye.Types.Reason.Finished);

        server.Tokens.ShouldBe(["Bearer of-another-server"]);
        clients.Said.ShouldHaveSingleItem().ShouldContain("token is missing or wrong");
    }
}
