using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Postgres;
using TrainingMonitor.Storage.Shared;
using TrainingMonitor.Storage.Snapshots;
using TrainingMonitor.Storage.Tests.Log;

namespace TrainingMonitor.Storage.Tests.Postgres;

/// <summary>Random interleavings of owners, appends, snapshots and lost connections, against what each owner knows it has done.</summary>
public sealed class SharedLogProperties(PostgresServerFixture fixture) : PostgresTests(fixture)
{
    private const int Nodes = 3;
    private const int Runs = 4;
    private readonly List<Owner> owners = [];
    private PostgresStore[] stores = [];
    private int seed;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Whatever_happens_the_log_is_what_its_owners_were_told(int seed)
    {
        this.seed = seed;
        stores = await Task.WhenAll(Enumerable.Range(0, Nodes).Select(_ => OpenAsync(options => options with { RunLogBytes = 0, GroupInterval = TimeSpan.FromMilliseconds(seed) })));
        var random = new Random(seed);
        for (var step = 0; step < 300; step++)
        {
            await StepAsync(random);
        }

        foreach (var owner in owners)
        {
            await UntilAsync(() => Task.FromResult(owner.Run.DurablePosition == owner.Run.LastPosition || owner.Observer.Fences > 0));
        }

        foreach (var runId in Enumerable.Range(0, Runs).Select(i => $"run{i}"))
        {
            await CheckAsync(runId);
        }
    }

    private async Task StepAsync(Random random)
    {
        switch (random.Next(20))
        {
            case 0 or 1:
                var observer = new DurableObserver();
                var run = await stores[random.Next(Nodes)].Runs.ClaimAsync($"run{random.Next(Runs)}", "node", observer, None);
                owners.Add(new Owner(run, observer, run.LastPosition));
                break;
            case 2:
                await PostgresServer.ExecuteAsync(Connection, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'trainmon' AND datname = current_database()");
                break;
            case 3 when owners.Count > 0:
                await SaveAsync(owners[random.Next(owners.Count)]);
                break;
            case 4:
                await Task.Delay(random.Next(10));
                break;
            case > 4 when owners.Count > 0:
                Append(owners[random.Next(Math.Max(0, owners.Count - 6), owners.Count)], random);
                break;
        }
    }

    private static void Append(Owner owner, Random random)
    {
        try
        {
            owner.Run.Append(FrameRecordKind.Frame, (int)owner.Run.Epoch, 0, Body(owner.Run.RunId, owner.Run.LastPosition + 1, random.Next(8, 3000)));
            owner.Run.Promise(TimeSpan.FromSeconds(random.Next(100, 104)));
        }
        catch (FencedException)
        {
            owner.Observer.Fences.ShouldBe(1);
        }
    }

    private static async Task SaveAsync(Owner owner)
    {
        var position = owner.Run.DurablePosition;
        try
        {
            await owner.Run.SaveSnapshotAsync(new Snapshot(owner.Run.RunId, position, BitConverter.GetBytes(position)), None);
        }
        catch (FencedException)
        {
            // Somebody else has it.
        }
    }

    private async Task CheckAsync(string runId)
    {
        var mine = owners.Where(owner => owner.Run.RunId == runId).OrderBy(owner => owner.Run.Epoch).ToList();
        if (mine.Count == 0)
        {
            return;
        }

        mine.Select(owner => owner.Run.Epoch).ShouldBe(mine.Select(owner => owner.Run.Epoch).Distinct(), $"seed {seed}");
        mine[^1].Observer.Fences.ShouldBe(0, $"seed {seed}");
        var snapshot = await mine[^1].Run.LoadSnapshotAsync(None);
        var older = await PostgresServer.ScalarAsync<long>(
            Connection, $"SELECT CASE WHEN count(*) > 1 THEN min(position) ELSE 0 END FROM trainmon.snapshot WHERE run_id = '{runId}'");
        (snapshot?.Position ?? 0).ShouldBeGreaterThanOrEqualTo(older);

        // What follows the older snapshot is there, each position once, in the hands of one owner after the other.
        var records = await ReadAsync(stores[0].Runs, runId, older + 1);
        records.Select(record => record.Position).ShouldBe(Enumerable.Range(0, records.Count).Select(i => older + 1 + i), $"seed {seed}");
        records.Select(record => record.Attempt).ShouldBeInOrder(SortDirection.Ascending, $"seed {seed}");
        foreach (var owner in mine)
        {
            records.Count(record => record.Attempt == owner.Run.Epoch && record.Position <= owner.Start).ShouldBe(0, $"seed {seed}");
            var durable = records.LastOrDefault(record => record.Attempt <= owner.Run.Epoch).Position;
            Math.Max(durable, older).ShouldBeGreaterThanOrEqualTo(owner.Observer.Durable, $"seed {seed}");
            records.Where(record => record.Attempt == owner.Run.Epoch).All(record => BitConverter.ToInt64(record.Body.Span) == record.Position).ShouldBeTrue($"seed {seed}");
        }

        (records.Count > 0 ? records[^1].Position : older).ShouldBe(mine[^1].Run.LastPosition, $"seed {seed}");
    }

    private sealed record Owner(IOwnedRun Run, DurableObserver Observer, long Start);
}
