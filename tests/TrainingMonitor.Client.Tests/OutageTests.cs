using System.Diagnostics;
using TrainingMonitor.Client.Tests.Stub;
using TrainingMonitor.Protocol.V1;
using static TrainingMonitor.Client.Tests.TestClients;

namespace TrainingMonitor.Client.Tests;

/// <summary>What docs/client-outage.md promises.</summary>
public sealed class OutageTests : IDisposable
{
    // Three seconds are promised; the rest is for a loaded machine.
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(10);

    private readonly TestClients clients = new();

    public void Dispose() => clients.Dispose();

    public static TheoryData<string> HungServers => ["never answers", "stops reading", "never durable"];

    [Theory]
    [MemberData(nameof(HungServers))]
    public async Task A_hung_server_holds_up_no_exit_and_the_next_start_delivers(string how)
    {
        await using var server = await StubServer.StartAsync(_ => how switch
        {
            "never answers" => new() { Hang = true },
            "stops reading" => new() { StopReading = true, Credits = 1000 },
            _ => new() { DurableEvery = 0 },
        });
        var first = clients.Start(server.Address, o => o with { ExitTimeout = TimeSpan.FromSeconds(3) });
        first.SetLayers(Table(4));
        for (var step = 0; step < 50; step++)
        {
            first.Report(Report(step));
        }

        await Until(() => server.Ledgers.Count == 1, "the Hello");
        var watch = Stopwatch.StartNew();
        first.Finish(Goodbye.Types.Reason.Finished);
        watch.Elapsed.ShouldBeLessThan(Generous);
        clients.Said.ShouldContain(s => s.Contains("the next start of run run-1 sends them", StringComparison.Ordinal));

        server.Plan = _ => new();
        var second = clients.Start(server.Address);
        second.SetLayers(Table(4));
        second.Report(Report(7));
        await Until(() => server.Ledgers.Count == 2 && server.Ledgers.Values.Sum(l => l.Steps.Count) == 51, "both attempts");
        second.Finish(Goodbye.Types.Reason.Finished);

        server.Ledgers[server.Hellos.First().ClientStartId].Steps.Select(s => (int)s.Step).ShouldBe(Enumerable.Range(0, 50));
        server.Ledgers.Values.ShouldAllBe(l => l.SaidGoodbye && l.Changed == 0);
        Directory.EnumerateFiles(clients.Spill, "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_killed_process_spilled_is_delivered_by_the_next_first()
    {
        await using var server = await StubServer.StartAsync();
        await server.LeaveAsync();
        using (var child = await ChildProcess.StartAsync(server.Address, clients.Spill))
        {
            child.Kill();
            await child.WaitForExitAsync(CancellationToken.None);
        }

        await server.ReturnAsync();
        var client = clients.Start(server.Address);
        client.SetLayers(Table(4));
        client.Report(Report(0));
        await Until(() => server.Ledgers.Values.Sum(l => l.Steps.Count(s => s.Step == 0)) == 2, "both attempts");
        client.Finish(Goodbye.Types.Reason.Finished);

        // The killed process's attempt came first, from its first frame on and without a hole.
        var killed = server.Ledgers[server.Hellos.First().ClientStartId];
        killed.SaidGoodbye.ShouldBeFalse();
        killed.Frames[0].LayerTable.ShouldNotBeNull();
        killed.Steps.Count.ShouldBeGreaterThan(20);
        killed.Steps.Select(s => (int)s.Step).ShouldBe(Enumerable.Range(0, killed.Steps.Count));
        Directory.EnumerateFiles(clients.Spill, "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task Full_buffers_thin_by_whole_pairs_and_say_so()
    {
        await using var server = await StubServer.StartAsync();
        await server.LeaveAsync();
        var client = clients.Start(server.Address, o => o with { MemoryBytes = 128 << 10, SpillBytes = 512 << 10, ExitTimeout = TimeSpan.FromSeconds(30) });
        client.SetLayers(Table(1000));
        client.Thinning.ShouldBe(1);
        const int Steps = 400;
        for (var step = 0; step < Steps; step++)
        {
            client.Report(Report(step, 1000));
            await Task.Delay(1, CancellationToken.None);
        }

        client.StepsThinned.ShouldBeGreaterThan(0);
        client.Thinning.ShouldBeGreaterThan(1);
        Directory.EnumerateFiles(clients.Spill, "*.spill", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length).ShouldBeLessThan(1 << 20);
        clients.Said.Count(s => s.Contains("left out as pairs", StringComparison.Ordinal)).ShouldBe(1);

        await server.ReturnAsync();
        await Until(() => server.Ledgers.Count == 1 && server.Ledger.Steps.Count == Steps - (int)client.StepsThinned, "what was kept");
        client.Thinning.ShouldBe(1);
        client.Finish(Goodbye.Types.Reason.Finished);

        var kept = server.Ledger.Steps.Select(s => (int)s.Step).ToList();
        kept.ShouldBeInOrder();
        kept.ShouldAllBe(s => kept.Contains(s ^ 1));
        server.Ledger.Steps.Where(s => s.PairInvalid).ShouldAllBe(s => !kept.Contains((int)s.Step - 1));
        server.Ledger.Frames[^1].Goodbye.StepsThinned.ShouldBe((ulong)(Steps - kept.Count));
    }

    [Fact]
    public async Task An_exit_without_a_server_waits_for_no_timeout()
    {
        await using var server = await StubServer.StartAsync();
        await server.LeaveAsync();
        var client = clients.Start(server.Address, o => o with { ExitTimeout = TimeSpan.FromMinutes(5) });
        client.SetLayers(Table(4));
        client.Report(Report(0));

        // Far below the five minutes that were allowed.
        var finished = Task.Run(() => client.Finish(Goodbye.Types.Reason.Failed, "out of memory"), CancellationToken.None);
        await finished.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None);

        Directory.EnumerateFiles(clients.Spill, "*.spill", SearchOption.AllDirectories).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_spill_folder_that_cannot_be_written_leaves_memory()
    {
        await using var server = await StubServer.StartAsync();
        await server.LeaveAsync();
        var file = Path.Combine(clients.Spill, "file");
        await File.WriteAllTextAsync(file, "no folder", CancellationToken.None);
        var client = clients.Start(server.Address, o => o with { SpillFolder = file });
        client.SetLayers(Table(4));
        client.Report(Report(0));
        await Until(() => clients.Said.Any(s => s.Contains("cannot go to disk", StringComparison.Ordinal)), "the complaint");

        await server.ReturnAsync();
        await Until(() => server.Ledgers.Count == 1 && server.Ledger.Steps.Count == 1, "the step");
        client.Finish(Goodbye.Types.Reason.Finished);

        server.Ledger.SaidGoodbye.ShouldBeTrue();
    }
}
