using Grpc.Core;
using TrainingMonitor.Client.Tests.Stub;
using TrainingMonitor.Protocol.V1;
using static TrainingMonitor.Client.Tests.TestClients;

namespace TrainingMonitor.Client.Tests;

/// <summary>What will never work is said once; the monitor goes off, the training does not.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly TestClients clients = new();

    public void Dispose() => clients.Dispose();

    [Theory]
    [InlineData(StatusCode.InvalidArgument, "hello.run_id")]
    [InlineData(StatusCode.FailedPrecondition, "version")]
    [InlineData(StatusCode.Unauthenticated, "TRAINMON_TOKEN")]
    [InlineData(StatusCode.Aborted, "took over")]
    [InlineData(StatusCode.PermissionDenied, "does not allow")]
    [InlineData(StatusCode.Unimplemented, "no Training Monitor")]
    [InlineData(StatusCode.ResourceExhausted, "too large")]
    public async Task A_permanent_error_turns_the_monitor_off(StatusCode code, string words)
    {
        await using var server = await StubServer.StartAsync(_ => new() { Reject = new(new Status(code, "hello.run_id: version 7 is too large")) });
        var client = clients.Start(server.Address);

        await Until(() => !client.IsOn, "the client to go off");
        client.SetLayers(Table(4));
        client.Report(Report(0));
        client.Finish(Goodbye.Types.Reason.Finished);

        server.Connections.ShouldBe(1);
        clients.Said.ShouldHaveSingleItem().ShouldContain(words);
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument)]
    [InlineData(StatusCode.FailedPrecondition)]
    [InlineData(StatusCode.Aborted)]
    public async Task What_an_earlier_process_left_and_the_server_refuses_is_set_aside_and_the_live_run_goes_on(StatusCode code)
    {
        await using var server = await StubServer.StartAsync();
        await server.LeaveAsync();
        var first = clients.Start(server.Address);
        first.SetLayers(Table(4));
        first.Finish(Goodbye.Types.Reason.Finished);

        server.Plan = n => n == 1 ? new() { Reject = new(new Status(code, "attempt 0 is over")) } : new();
        await server.ReturnAsync();
        var second = clients.Start(server.Address);
        second.SetLayers(Table(4));
        second.Report(Report(0));
        await Until(() => server.Ledgers.Count == 1 && server.Ledger.Steps.Count == 1, "the live run");
        second.IsOn.ShouldBeTrue();
        second.Finish(Goodbye.Types.Reason.Finished);

        server.Ledger.Steps.Count.ShouldBe(1);
        Directory.EnumerateDirectories(clients.Spill, "*.refused", SearchOption.AllDirectories).Count().ShouldBe(1);
        clients.Said.Count(s => s.Contains("kept aside", StringComparison.Ordinal)).ShouldBe(1);
    }

    public static TheoryData<string, string> WrongOptions => new()
    {
        { "run id", "hello.run_id: '/'" },
        { "server", "Server is \"ftp://x/\"" },
        { "memory", "MemoryBytes" },
        { "spill", "SpillBytes" },
        { "exit", "ExitTimeout" },
        { "batch", "BatchBytes" },
        { "delay", "BatchDelay" },
        { "token", "Token" },
        { "rank", "hello.rank" },
        { "description", "hello.description.optimizer.beta1" },
    };

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public void Wrong_options_are_said_and_turn_the_monitor_off(string what, string words)
    {
        var client = clients.Start(new("http://127.0.0.1:1"), o => what switch
        {
            "run id" => o with { RunId = "a/b" },
            "server" => o with { Server = new("ftp://x") },
            "memory" => o with { MemoryBytes = 1 },
            "spill" => o with { SpillBytes = -1 },
            "exit" => o with { ExitTimeout = TimeSpan.FromSeconds(-1) },
            "batch" => o with { BatchBytes = 1 },
            "delay" => o with { BatchDelay = TimeSpan.FromDays(1) },
            "token" => o with { Token = "a\nb" },
            "rank" => o with { Rank = 3, WorldSize = 2 },
            "description" => o with { Description = new() { Optimizer = new() { Beta1 = double.NaN } } },
            _ => throw new ArgumentOutOfRangeException(nameof(what), what, "unknown"),
        });

        client.IsOn.ShouldBeFalse();
        clients.Said.ShouldHaveSingleItem().ShouldContain(words);
        client.Report(Report(0));
        client.Dispose();
    }

    [Fact]
    public void A_client_that_is_not_wanted_is_silent()
    {
        var client = clients.Start(new("http://127.0.0.1:1"), o => o with { Enabled = false });

        client.Report(Report(0));
        client.Dispose();

        client.IsOn.ShouldBeFalse();
        clients.Said.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_wrong_report_is_left_out_and_said_once_and_the_rest_arrives()
    {
        await using var server = await StubServer.StartAsync();
        var client = clients.Start(server.Address);
        client.SetLayers(Table(4));
        for (var step = 0; step < 20; step++)
        {
            var report = Report(step, layers: step is 3 or 5 ? 7 : 4);
            client.Report(report);
        }

        client.Report((StepReport)null!);
        client.Log(-1, new Dictionary<string, double> { ["a"] = 1 });
        client.SetDescription(null!);
        client.Finish(Goodbye.Types.Reason.Finished, null!);

        server.Ledger.Steps.Select(s => (int)s.Step).ShouldBe(Enumerable.Range(0, 20).Except([3, 5]));
        clients.Said.Count(s => s.Contains("28 bytes, 16 wanted for 4 layers", StringComparison.Ordinal)).ShouldBe(1);
        server.Ledger.SaidGoodbye.ShouldBeTrue();
    }
}
