using TrainingMonitor.Client.Tests.Stub;
using TrainingMonitor.Protocol.V1;
using static TrainingMonitor.Client.Tests.TestClients;

namespace TrainingMonitor.Client.Tests;

/// <summary>The server, or the disk, has lost what was sent or kept.</summary>
public sealed class LostDataTests : IDisposable
{
    private readonly TestClients clients = new();

    public void Dispose() => clients.Dispose();

    [Fact]
    public async Task A_server_that_lost_its_data_gets_the_layer_table_with_the_Hello()
    {
        await using var server = await StubServer.StartAsync();
        var client = clients.Start(server.Address);
        client.SetLayers(Table(4));
        Report(client, 0, 10);
        await Until(() => server.Ledgers.Count == 1 && server.Ledger.Steps.Count == 10 && server.Ledger.Durable == server.Ledger.Received, "the first steps");
        client.SetLayers(Table(5));
        client.SetDescription(new RunDescription { DatasetSize = 77 });
        Report(client, 10, 20, layers: 5);
        await Until(() => server.Ledger.Steps.Count == 20, "the next steps");
        await ForgetAsync(server, client, 20, layers: 5);
        await server.LeaveAsync();
        server.Ledgers.Clear();
        await server.ReturnAsync();
        Report(client, 21, 30, layers: 5);
        client.Finish(Goodbye.Types.Reason.Finished);

        server.Hellos.First().LayerTable.ShouldBeNull();
        var hello = server.Hellos.Last();
        hello.OldestSequence.ShouldBeGreaterThan(1UL);
        hello.LayerTable.ShouldNotBeNull();
        server.Ledger.SaidGoodbye.ShouldBeTrue();
        server.Ledger.Steps.TakeLast(9).Select(s => (int)s.Step).ShouldBe(Enumerable.Range(21, 9));

        // Each report was made with the newest table before it, of the Hello or of the stream.
        var version = hello.LayerTable.Version;
        foreach (var frame in server.Ledger.Frames)
        {
            version = frame.LayerTable?.Version ?? version;
            frame.Steps?.Reports.ShouldAllBe(r => r.LayerTableVersion == version);
        }

        (hello.Description.DatasetSize == 77 || server.Ledger.Frames.Any(f => f.Description is not null)).ShouldBeTrue();
    }

    [Fact]
    public async Task What_an_earlier_process_left_goes_to_a_server_that_lost_its_data()
    {
        await using var server = await StubServer.StartAsync();
        var first = clients.Start(server.Address);
        first.SetLayers(Table(4));
        Report(first, 0, 10);
        await Until(() => server.Ledgers.Count == 1 && server.Ledger.Steps.Count == 10 && server.Ledger.Durable == server.Ledger.Received, "the first steps");
        await ForgetAsync(server, first, 10, layers: 4);
        await server.LeaveAsync();
        Report(first, 11, 40);
        first.Finish(Goodbye.Types.Reason.Finished);

        server.Ledgers.Clear();
        await server.ReturnAsync();
        var second = clients.Start(server.Address);
        second.SetLayers(Table(4));
        second.Finish(Goodbye.Types.Reason.Finished);

        var hello = server.Hellos.Last(h => h.ClientStartId == server.Hellos.First().ClientStartId);
        hello.LayerTable.ShouldNotBeNull().Layers.Count.ShouldBe(4);
        var ledger = server.Ledgers[hello.ClientStartId];
        ledger.Steps.TakeLast(29).Select(s => (int)s.Step).ShouldBe(Enumerable.Range(11, 29));
        ledger.SaidGoodbye.ShouldBeTrue();
    }

    [Theory]
    [InlineData(1UL, false)] // the layer table
    [InlineData(12UL, false)]
    [InlineData(12UL, true)]
    public async Task A_record_on_disk_that_cannot_be_read_is_left_out_and_the_rest_arrives(ulong record, bool header)
    {
        await using var server = await StubServer.StartAsync();
        await server.LeaveAsync();
        var client = clients.Start(server.Address, o => o with { BatchBytes = 1024 });
        client.SetLayers(Table(4));
        Report(client, 0, 600);
        var spill = "";
        await Until(() => (spill = Directory.EnumerateFiles(clients.Spill, "*.spill", SearchOption.AllDirectories).FirstOrDefault() ?? "").Length > 0, "a spill");
        await Until(() => Records(spill).Count >= 20, "what waits to be on disk");
        var damaged = Records(spill).Single(r => r.Sequence == record);
        using (var file = new FileStream(spill, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = damaged.Offset + (header ? 0 : 20);
            file.Write([0xff, 0xff, 0xff, 0xff]);
        }

        await server.ReturnAsync();
        Report(client, 600, 610);
        await Until(() => server.Ledgers.Count == 1 && server.Ledger.Steps.Any(s => s.Step == 609), "what comes after the hole");
        client.IsOn.ShouldBeTrue();
        client.Finish(Goodbye.Types.Reason.Finished);

        var steps = server.Ledger.Steps.Select(s => (int)s.Step).ToList();
        steps.ShouldBe(steps.Order());
        server.Ledger.SaidGoodbye.ShouldBeTrue();
        server.Ledger.Changed.ShouldBe(0);
        server.Ledger.Lost.ShouldBe(header ? 5UL : 1UL); // a place is remembered at record 17
        steps.Count.ShouldBe(record == 1 ? 610 : steps.Count);
        steps.Count.ShouldBeGreaterThan(300);
        clients.Said.Count(s => s.Contains("are damaged; they are left out", StringComparison.Ordinal)).ShouldBe(1);
        Directory.EnumerateFiles(clients.Spill, "*.spill", SearchOption.AllDirectories).ShouldHaveSingleItem().ShouldContain(".damaged");
        server.Hellos.Last().LayerTable.ShouldNotBeNull().Version.ShouldBe(1U);
    }

    /// <summary>A reconnect: the Welcome says what is durable, and only a client that has read it sends the next step.</summary>
    private static async Task ForgetAsync(StubServer server, TrainingMonitorClient client, int step, int layers)
    {
        await server.LeaveAsync();
        await server.ReturnAsync();
        Report(client, step, step + 1, layers);
        await Until(() => server.Ledger.Steps.Any(s => s.Step == (ulong)step), "the step after the reconnect");
    }

    private static List<(ulong Sequence, long Offset)> Records(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new BinaryReader(file);
        var records = new List<(ulong Sequence, long Offset)>();
        for (long at = 0; at + 16 <= file.Length;)
        {
            file.Position = at;
            var length = reader.ReadInt32();
            reader.ReadUInt32();
            records.Add((reader.ReadUInt64(), at));
            at += 16 + length;
        }

        return records;
    }

    private static void Report(TrainingMonitorClient client, int from, int to, int layers = 4)
    {
        for (var step = from; step < to; step++)
        {
            client.Report(TestClients.Report(step, layers));
        }
    }
}
