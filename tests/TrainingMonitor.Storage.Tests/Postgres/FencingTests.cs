using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Shared;
using TrainingMonitor.Storage.Snapshots;
using TrainingMonitor.Storage.Tests.Log;

namespace TrainingMonitor.Storage.Tests.Postgres;

public sealed class FencingTests(PostgresServerFixture fixture) : PostgresTests(fixture)
{
    [Fact]
    public async Task An_old_owner_writes_nothing_and_is_told_once()
    {
        var (one, two) = (await OpenAsync(), await OpenAsync());
        var (oldObserver, newObserver) = (new DurableObserver(), new DurableObserver());
        var old = await one.Runs.ClaimAsync("run", "one:1", oldObserver, None);
        old.Append(FrameRecordKind.Frame, 0, 0, Body("run", 1));
        await oldObserver.ReachesAsync(1);

        var owner = await two.Runs.ClaimAsync("run", "two:1", newObserver, None);
        (owner.Epoch, owner.LastPosition).ShouldBe((2, 1));
        old.Append(FrameRecordKind.Frame, 0, 0, Body("run", 99));
        await oldObserver.Fenced.WaitAsync(TimeSpan.FromSeconds(60));
        Should.Throw<FencedException>(() => old.Append(FrameRecordKind.Frame, 0, 0, [])).Epoch.ShouldBe(1);
        old.Promise(TimeSpan.FromHours(-2));
        await Should.ThrowAsync<FencedException>(() => old.SaveSnapshotAsync(new Snapshot("run", 1, [1]), None));

        owner.Append(FrameRecordKind.Frame, 0, 0, Body("run", 2)).ShouldBe(2);
        await newObserver.ReachesAsync(2);
        (await ReadAsync(two.Runs, "run")).Select(record => BitConverter.ToInt64(record.Body.Span)).ShouldBe([1, 2]);
        (await two.Runs.OverdueAsync(TimeSpan.Zero, 10, None)).ShouldBeEmpty();
        (await owner.LoadSnapshotAsync(None)).ShouldBeNull();
        (oldObserver.Fences, newObserver.Fences, one.Counters.Fenced).ShouldBe((1, 0, 1));
        old.PendingBytes.ShouldBe(0);
    }

    [Fact]
    public async Task A_promise_of_an_old_owner_is_not_written()
    {
        var (one, two) = (await OpenAsync(), await OpenAsync());
        var observer = new DurableObserver();
        var old = await one.Runs.ClaimAsync("run", "one:1", observer, None);
        await two.Runs.ClaimAsync("run", "two:1", new DurableObserver(), None);
        old.Promise(TimeSpan.FromHours(-2));
        await observer.Fenced.WaitAsync(TimeSpan.FromSeconds(60));
        (await two.Runs.OverdueAsync(TimeSpan.Zero, 10, None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_database_that_has_gone_back_costs_the_run_its_owner_and_no_gap()
    {
        var store = await OpenAsync();
        var observer = new DurableObserver();
        var run = await store.Runs.ClaimAsync("run", "one:1", observer, None);
        for (var number = 1; number <= 3; number++)
        {
            run.Append(FrameRecordKind.Frame, 0, 0, Body("run", number));
            await observer.ReachesAsync(number);
        }

        await PostgresServer.ExecuteAsync(Connection, "UPDATE trainmon.run SET position = 2; DELETE FROM trainmon.log WHERE first = 3");
        run.Append(FrameRecordKind.Frame, 0, 0, Body("run", 4));
        await observer.Fenced.WaitAsync(TimeSpan.FromSeconds(60));
        observer.Durable.ShouldBe(3);
        (await ReadAsync(store.Runs, "run")).Count.ShouldBe(2);
        (await store.Runs.ClaimAsync("run", "one:1", new DurableObserver(), None)).LastPosition.ShouldBe(2);
    }

    [Fact]
    public async Task One_node_may_claim_its_own_run_again()
    {
        var store = await OpenAsync();
        var (oldObserver, newObserver) = (new DurableObserver(), new DurableObserver());
        var old = await store.Runs.ClaimAsync("run", "one:1", oldObserver, None);
        var owner = await store.Runs.ClaimAsync("run", "one:1", newObserver, None);
        old.Append(FrameRecordKind.Frame, 0, 0, Body("run", 99));
        owner.Append(FrameRecordKind.Frame, 0, 0, Body("run", 1));
        await oldObserver.Fenced.WaitAsync(TimeSpan.FromSeconds(60));
        await newObserver.ReachesAsync(1);
        (await ReadAsync(store.Runs, "run")).Single().Body.ToArray().ShouldBe(Body("run", 1));
    }

    [Fact]
    public async Task Claims_at_once_get_epochs_of_their_own()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OpenAsync()));
        var claims = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => stores[i % 4].Runs.ClaimAsync("run", $"node:{i}", new DurableObserver(), None)));
        claims.Select(claim => claim.Epoch).Order().ShouldBe(Enumerable.Range(1, 40).Select(epoch => (long)epoch));
    }

    [Fact]
    public async Task Two_nodes_that_fight_over_many_runs_do_not_stop_each_other()
    {
        var stores = await Task.WhenAll(OpenAsync(), OpenAsync());
        await Task.WhenAll(stores.Select(async store =>
        {
            for (var round = 0; round < 5; round++)
            {
                await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
                {
                    var observer = new DurableObserver();
                    var run = await store.Runs.ClaimAsync($"run{i}", "node", observer, None);
                    try
                    {
                        for (var number = 0; number < 5; number++)
                        {
                            run.Append(FrameRecordKind.Frame, (int)run.Epoch, number, Body("run", number));
                            await Task.WhenAny(observer.ReachesAsync(run.LastPosition), observer.Fenced);
                        }
                    }
                    catch (FencedException)
                    {
                        // The other node has it now.
                    }
                }));
            }
        }));

        for (var i = 0; i < 40; i++)
        {
            // Once an epoch has written, no earlier one writes any more.
            var records = await ReadAsync(stores[0].Runs, $"run{i}");
            records.Select(record => (record.Attempt, record.Rank)).ShouldBeInOrder();
            records.Select(record => record.Position).ShouldBe(Enumerable.Range(1, records.Count).Select(position => (long)position));
        }
    }
}
