using Grpc.Core;
using TrainingMonitor.Client.Buffering;
using TrainingMonitor.Client.Speaking;
using TrainingMonitor.Client.Tests.Stub;
using TrainingMonitor.Protocol.V1;
using static TrainingMonitor.Client.Tests.TestClients;

namespace TrainingMonitor.Client.Tests;

/// <summary>Every report arrives once, in order, with the same bytes, whatever the server does.</summary>
public sealed class DeliveryTests : IDisposable
{
    private readonly TestClients clients = new();

    public void Dispose() => clients.Dispose();

    [Fact]
    public async Task A_run_arrives_whole()
    {
        await using var server = await StubServer.StartAsync();
        var client = clients.Start(server.Address);

        client.SetLayers(Table(4));
        Send(client, 0, 100);
        client.Report(new ProbeResult { Kind = ProbeKind.Sharpness, Step = 99, Value = 3 });
        client.Log(99, new Dictionary<string, double> { ["bleu"] = 1 });
        client.Finish(Goodbye.Types.Reason.Finished, "done");

        Complete(server.Ledger, 100);
        server.Ledger.Frames.Count(f => f.Probe is not null).ShouldBe(1);
        server.Ledger.Frames.Count(f => f.Scalars is not null).ShouldBe(1);
        server.Ledger.Frames[^1].Goodbye.Message.ShouldBe("done");
        server.Tokens.ShouldAllBe(t => t == "Bearer secret");
        client.Page.ShouldStartWith("http://");
        clients.Said.ShouldBeEmpty();
        Directory.EnumerateFiles(clients.Spill, "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public void A_clock_that_was_set_back_does_not_make_a_stream_look_older_than_the_one_before()
    {
        using var backlog = new Backlog(new Hello { RunId = "r", ClientStartId = "s" }, 1 << 20, create: null, new Speaker(_ => { }));
        backlog.Opening(1000).TimeUnixNs.ShouldBe(1000);
        backlog.Opening(400).TimeUnixNs.ShouldBe(1001);
        backlog.Opening(2000).TimeUnixNs.ShouldBe(2000);
    }

    public static TheoryData<string> Faults => [.. Plans.Keys];

    private static Dictionary<string, Func<int, StubPlan>> Plans { get; } = new(StringComparer.Ordinal)
    {
        ["reset mid-stream"] = n => n <= 5 ? new() { AbortAfter = 3 * n, DurableEvery = 2 } : new(),
        ["restart that loses what was not durable"] = n => n <= 5 ? new() { AbortAfter = 7, DurableEvery = 5, LoseNonDurable = true } : new(),
        ["unavailable at first"] = n => n <= 3 ? new() { Reject = Error(StatusCode.Unavailable) } : new(),
        ["internal errors on the way"] = n => n <= 3 ? new() { Fail = (4, Error(StatusCode.Internal)) } : new(),
        ["exhausted with a time to retry"] = n => n == 1 ? new() { Reject = Exhausted() } : new(),
        ["few credits"] = _ => new() { Credits = 1 },
        ["rare durable acks"] = _ => new() { DurableEvery = 3, Credits = 5 },
        ["a resend is asked for"] = _ => new() { DropOnce = 5 },
        ["go away"] = n => n <= 3 ? new() { GoAwayAfter = 4 } : new(),
        ["slow"] = _ => new() { Delay = TimeSpan.FromMilliseconds(5) },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Nothing_is_lost_doubled_or_changed(string fault)
    {
        await using var server = await StubServer.StartAsync(Plans[fault]);
        // Small frames, so that there are many.
        var client = clients.Start(server.Address, o => o with { BatchBytes = 1024, ExitTimeout = TimeSpan.FromSeconds(30) });

        client.SetLayers(Table(100));
        for (var step = 0; step < 60; step++)
        {
            client.Report(Report(step, 100));
            await Task.Delay(1, CancellationToken.None);
        }

        await Until(() => server.Ledgers.Count == 1 && server.Ledger.Steps.Count == 60, "all steps");
        server.Plan = _ => new();
        client.Finish(Goodbye.Types.Reason.Finished);

        server.Ledger.Changed.ShouldBe(0);
        server.Ledger.Steps.Select(s => (int)s.Step).ShouldBe(Enumerable.Range(0, 60));
        server.Ledger.SaidGoodbye.ShouldBeTrue();
        Directory.EnumerateFiles(clients.Spill, "*", SearchOption.AllDirectories).ShouldBeEmpty();
        server.Hellos.Select(h => h.ClientStartId).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_server_that_comes_late_gets_everything()
    {
        await using var server = await StubServer.StartAsync();
        await server.LeaveAsync();
        var client = clients.Start(server.Address);
        client.SetLayers(Table(1000));
        for (var step = 0; step < 200; step++)
        {
            client.Report(Report(step, 1000));
            await Task.Delay(1, CancellationToken.None);
        }

        await Until(() => Directory.EnumerateFiles(clients.Spill, "*.spill", SearchOption.AllDirectories).Any(), "a spill");
        await server.ReturnAsync();
        await Until(() => server.Ledgers.Count == 1 && server.Ledger.Steps.Count == 200, "all steps");
        client.Finish(Goodbye.Types.Reason.Finished);

        Complete(server.Ledger, 200);
        clients.Said.Count.ShouldBe(2);
        clients.Said.First().ShouldContain("not reachable at http://127.0.0.1");
        clients.Said.Last().ShouldContain("again");
        Directory.EnumerateFiles(clients.Spill, "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task Go_away_can_send_the_client_elsewhere()
    {
        await using var other = await StubServer.StartAsync();
        await using var server = await StubServer.StartAsync(_ => new() { GoAwayAfter = 1, ReconnectTo = other.Address.ToString(), DurableEvery = 0 });
        var client = clients.Start(server.Address);

        client.SetLayers(Table(4));
        Send(client, 0, 5);
        await Until(() => other.Ledgers.Count == 1 && other.Ledger.Steps.Count == 5, "the steps at the other server");
        client.Finish(Goodbye.Types.Reason.Finished);

        Complete(other.Ledger, 5);
    }

    [Fact]
    public async Task A_node_that_does_not_answer_is_left_for_the_next()
    {
        await using var second = await StubServer.StartAsync(n => n == 1 ? new() { GoAwayAfter = 3, DurableEvery = 0 } : new());
        await using var third = await StubServer.StartAsync(n => n == 1 ? new() { GoAwayAfter = 3, DurableEvery = 0 } : new());

        // Port 1 is nobody's.
        var client = clients.Start(new Uri("http://127.0.0.1:1"), o => o with { OtherServers = [second.Address, third.Address], BatchBytes = 1024, ExitTimeout = TimeSpan.FromSeconds(30) });
        client.SetLayers(Table(4));
        Send(client, 0, 200);
        await Until(() => second.Connections > 0 && third.Connections > 0, "both nodes in turn");
        client.Finish(Goodbye.Types.Reason.Finished);
        second.Ledgers.Values.Concat(third.Ledgers.Values).SelectMany(ledger => ledger.Steps).Distinct().Count().ShouldBe(200);
    }

    [Fact]
    public async Task At_the_end_each_node_is_tried()
    {
        await using var server = await StubServer.StartAsync();
        for (var run = 0; run < 6; run++)
        {
            // Ports 1 and 2 are nobody's; where a run begins depends on its id.
            var client = clients.Start(
                new Uri("http://127.0.0.1:1"),
                o => o with { RunId = $"run-{run}", OtherServers = [new Uri("http://127.0.0.1:2"), server.Address], ExitTimeout = TimeSpan.FromSeconds(30) });
            client.SetLayers(Table(4));
            Send(client, 0, 5);
            client.Finish(Goodbye.Types.Reason.Finished);
        }

        server.Ledgers.Count.ShouldBe(6);
        foreach (var ledger in server.Ledgers.Values)
        {
            Complete(ledger, 5);
        }
    }

    [Fact]
    public async Task Runs_begin_at_different_nodes_and_the_ranks_of_one_at_the_same()
    {
        await using var first = await StubServer.StartAsync();
        await using var second = await StubServer.StartAsync();
        foreach (var run in Enumerable.Range(0, 12).Select(i => $"run-{i}"))
        {
            var before = (first.Connections, second.Connections);
            for (var rank = 0; rank < 2; rank++)
            {
                var client = clients.Start(first.Address, o => o with { RunId = run, Rank = rank, WorldSize = 2, OtherServers = [second.Address] });
                client.SetLayers(Table(4));
                client.Finish(Goodbye.Types.Reason.Finished);
            }

            (first.Connections - before.Item1, second.Connections - before.Item2).ShouldBeOneOf((2, 0), (0, 2));
        }

        first.Connections.ShouldBeGreaterThan(0);
        second.Connections.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Go_away_does_not_lure_the_token_onto_a_plain_connection()
    {
        await using var server = await StubServer.StartAsync(n => n == 1 ? new() { GoAwayAfter = 1, ReconnectTo = "http://192.0.2.1:4650" } : new());
        var client = clients.Start(server.Address);

        client.SetLayers(Table(4));
        Send(client, 0, 5);
        await Until(() => server.Connections >= 2 && server.Ledgers.Count == 1 && server.Ledger.Steps.Count == 5, "the steps at the same server");
        client.Finish(Goodbye.Types.Reason.Finished);

        Complete(server.Ledger, 5);
    }

    [Fact]
    public async Task A_large_step_arrives_in_parts()
    {
        await using var server = await StubServer.StartAsync();
        var client = clients.Start(server.Address, o => o with { BatchBytes = 4096 });

        client.SetLayers(Table(5000));
        client.Report(Report(0, 5000));
        client.Report(Report(1, 5000));
        client.Finish(Goodbye.Types.Reason.Finished);

        var parts = server.Ledger.Steps.Where(s => s.Step == 0).ToList();
        parts.Count.ShouldBe(5);
        parts.Select(p => (int)p.PartIndex).ShouldBe([0, 1, 2, 3, 4]);
        parts.Sum(p => p.Columns[0].Float32.Length).ShouldBe(20_000);
        parts.Select(p => p.TimeUnixNs).Distinct().Count().ShouldBe(1);
        parts.Count(p => p.Values is not null).ShouldBe(1);
        server.Ledger.SaidGoodbye.ShouldBeTrue();
    }

    private static void Send(TrainingMonitorClient client, int from, int count)
    {
        for (var step = from; step < from + count; step++)
        {
            client.Report(Report(step));
        }
    }

    private static void Complete(StubLedger ledger, int steps)
    {
        ledger.Steps.Select(s => (int)s.Step).ShouldBe(Enumerable.Range(0, steps));
        ledger.Steps.Zip(ledger.Steps.Skip(1)).ShouldAllBe(p => p.First.TimeUnixNs + 1000 <= p.Second.TimeUnixNs);
        ledger.Steps.ShouldAllBe(s => s.LayerTableVersion == 1);
        ledger.SaidGoodbye.ShouldBeTrue();
        ledger.Changed.ShouldBe(0);
    }

    private static RpcException Error(StatusCode code) => new(new Status(code, "a fault"));

    private static RpcException Exhausted() => new Google.Rpc.Status
    {
        Code = (int)StatusCode.ResourceExhausted,
        Message = "too many runs",
        Details = { Google.Protobuf.WellKnownTypes.Any.Pack(new Google.Rpc.RetryInfo { RetryDelay = new() { Nanos = 1_000_000 } }) },
    }.ToRpcException();
}
