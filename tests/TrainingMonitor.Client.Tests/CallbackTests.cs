using TrainingMonitor.Client.Tests.Stub;
using TrainingMonitor.Protocol.V1;
using static TrainingMonitor.Client.Tests.TestClients;

namespace TrainingMonitor.Client.Tests;

public sealed class CallbackTests : IDisposable
{
    private readonly TestClients clients = new();

    public void Dispose() => clients.Dispose();

    [Fact]
    public async Task Alerts_and_advice_reach_their_handlers()
    {
        await using var server = await StubServer.StartAsync();
        await server.LeaveAsync();
        server.Plan = _ => new()
        {
            Greetings =
            [
                new() { Alert = new() { Rule = "loss_spike" } },
                new() { Advice = new() { ShouldStop = true, Reason = "enough" } },
                new() { Alert = new() { Rule = "divergence" } },
            ],
        };
        var rules = new List<string>();
        var advice = new TaskCompletionSource<Advice>();
        var last = new TaskCompletionSource();
        var client = clients.Start(server.Address);
        client.OnAlert += alert =>
        {
            rules.Add(alert.Rule);
            if (alert.Rule == "divergence")
            {
                last.SetResult();
            }
        };
        client.OnAdvice += advice.SetResult;
        await server.ReturnAsync();

        (await advice.Task).Reason.ShouldBe("enough");
        await last.Task;
        client.Finish(Goodbye.Types.Reason.Interrupted);

        rules.ShouldBe(["loss_spike", "divergence"]);
        client.ShouldStop.ShouldBeTrue();
    }

    [Fact]
    public async Task An_alert_that_is_sent_again_is_told_once()
    {
        static ServerFrame Alert(string id, ulong ordinal, long time) => new() { Alert = new() { Id = id, Ordinal = ordinal, TimeUnixNs = time } };
        await using var server = await StubServer.StartAsync(_ => new()
        {
            Greetings = [Alert("a", 3, 30), Alert("b", 4, 40), Alert("a", 3, 30), Alert("b", 6, 60), Alert("a", 1, 70), Alert("end", 7, 70)],
        });
        var told = new List<(string, ulong)>();
        var client = clients.Start(server.Address);
        client.OnAlert += alert =>
        {
            lock (told)
            {
                told.Add((alert.Id, alert.Ordinal));
            }
        };
        client.SetLayers(Table(4));
        await Until(() =>
        {
            lock (told)
            {
                return told.Contains(("end", 7));
            }
        }, "the last alert");
        client.Finish(Goodbye.Types.Reason.Finished);

        // An old ordinal with a newer time comes from a server that began anew.
        told.ShouldBe([("a", 3), ("b", 4), ("b", 6), ("a", 1), ("end", 7)]);
    }

    [Fact]
    public async Task A_handler_that_throws_or_hangs_does_no_harm()
    {
        await using var server = await StubServer.StartAsync();
        await server.LeaveAsync();
        server.Plan = _ => new() { Greetings = [.. Enumerable.Repeat(new ServerFrame { Alert = new() { Rule = "loss_spike" } }, 3), new() { Advice = new() }] };
        using var never = new ManualResetEventSlim();
        var client = clients.Start(server.Address);
        client.OnAlert += _ => throw new InvalidOperationException("handler of the user");
        client.OnAdvice += _ => never.Wait();
        client.SetLayers(Table(4));
        client.Report(Report(0));
        await server.ReturnAsync();

        await Until(() => clients.Said.Any(s => s.Contains("handler of the user", StringComparison.Ordinal)), "the complaint");
        await Until(() => server.Ledgers.Count == 1 && server.Ledger.Steps.Count == 1, "the step");
        client.Finish(Goodbye.Types.Reason.Finished);

        server.Ledger.SaidGoodbye.ShouldBeTrue();
        clients.Said.Count(s => s.Contains("handler of the user", StringComparison.Ordinal)).ShouldBe(1);
        never.Set();
    }

    [Fact]
    public async Task Many_threads_may_report_at_once()
    {
        await using var server = await StubServer.StartAsync();
        var client = clients.Start(server.Address, o => o with { ExitTimeout = TimeSpan.FromSeconds(60) }); // a loaded machine delivers late
        client.SetLayers(Table(4));

        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, thread =>
        {
            for (var i = 0; i < 500; i++)
            {
                client.Report(Report((thread * 500) + i));
                client.Log(i, new Dictionary<string, double> { ["x"] = i });
            }
        });
        client.Finish(Goodbye.Types.Reason.Finished);
        client.Finish(Goodbye.Types.Reason.Failed);
        client.Report(Report(9999));

        server.Ledger.Steps.Select(s => (int)s.Step).Order().ShouldBe(Enumerable.Range(0, 4000));
        server.Ledger.Steps.Zip(server.Ledger.Steps.Skip(1)).ShouldAllBe(p => p.First.TimeUnixNs < p.Second.TimeUnixNs);
        server.Ledger.Frames.Count(f => f.Scalars is not null).ShouldBe(4000);
        server.Ledger.Frames.Count(f => f.Goodbye is not null).ShouldBe(1);
        clients.Said.ShouldBeEmpty();
    }
}
