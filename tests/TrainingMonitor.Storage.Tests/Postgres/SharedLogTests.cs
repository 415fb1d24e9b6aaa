using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Postgres;
using TrainingMonitor.Storage.Tests.Log;

namespace TrainingMonitor.Storage.Tests.Postgres;

public sealed class SharedLogTests(PostgresServerFixture fixture) : PostgresTests(fixture)
{
    [Fact]
    public async Task What_was_appended_comes_back_byte_for_byte()
    {
        var store = await OpenAsync();
        var observer = new DurableObserver();
        var run = await store.Runs.ClaimAsync("läuft/1", "node:1", observer, None);
        (run.Epoch, run.LastPosition, run.DurablePosition).ShouldBe((1, 0, 0));
        run.Append(FrameRecordKind.Frame, 3, 7, Body("läuft/1", 1)).ShouldBe(1);
        run.Append(FrameRecordKind.Input, -1, 0, []).ShouldBe(2);
        run.Append(FrameRecordKind.Frame, 4, int.MaxValue, Body("läuft/1", 3, 3 << 20)).ShouldBe(3);
        run.LastPosition.ShouldBe(3);
        await observer.ReachesAsync(3);
        run.DurablePosition.ShouldBe(3);
        run.PendingBytes.ShouldBe(0);

        var records = await ReadAsync((await OpenAsync()).Runs, "läuft/1");
        records.Select(record => (record.Position, record.Kind, record.RunId, record.Attempt, record.Rank)).ShouldBe(
        [
            (1, FrameRecordKind.Frame, "läuft/1", 3, 7), (2, FrameRecordKind.Input, "läuft/1", -1, 0), (3, FrameRecordKind.Frame, "läuft/1", 4, int.MaxValue),
        ]);
        records[0].Body.ToArray().ShouldBe(Body("läuft/1", 1));
        records[1].Body.Length.ShouldBe(0);
        records[2].Body.Span.SequenceEqual(Body("läuft/1", 3, 3 << 20)).ShouldBeTrue();
    }

    [Fact]
    public async Task Many_runs_share_a_group_and_keep_their_own_order()
    {
        var store = await OpenAsync();
        var runs = new List<(Storage.Shared.IOwnedRun Run, DurableObserver Observer)>();
        for (var i = 0; i < 50; i++)
        {
            var observer = new DurableObserver();
            runs.Add((await store.Runs.ClaimAsync($"run{i}", "node:1", observer, None), observer));
        }

        var before = store.Counters.Commits;
        for (var number = 1; number <= 40; number++)
        {
            foreach (var (run, _) in runs)
            {
                run.Append(FrameRecordKind.Frame, 0, 0, Body(run.RunId, number)).ShouldBe(number);
            }
        }

        await Task.WhenAll(runs.Select(run => run.Observer.ReachesAsync(40)));
        (store.Counters.Commits - before).ShouldBeLessThan(40);
        store.Counters.Records.ShouldBe(2000);
        foreach (var (run, _) in runs)
        {
            var records = await ReadAsync(store.Runs, run.RunId);
            records.Count.ShouldBe(40);
            records.All(record => record.Body.Span.SequenceEqual(Body(run.RunId, record.Position))).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Reading_begins_in_the_middle_of_a_row_and_goes_over_many()
    {
        var store = await OpenAsync();
        var observer = new DurableObserver();
        var run = await store.Runs.ClaimAsync("run", "node:1", observer, None);
        for (var number = 1; number <= 30; number++)
        {
            run.Append(FrameRecordKind.Frame, 0, 0, Body("run", number));
            if (number % 3 == 0)
            {
                await observer.ReachesAsync(number);
            }
        }

        (await PostgresServer.ScalarAsync<long>(Connection, "SELECT count(*) FROM trainmon.log")).ShouldBeGreaterThan(9);
        (await ReadAsync(store.Runs, "run", 5)).Select(record => record.Position).ShouldBe(Enumerable.Range(5, 26).Select(position => (long)position));
        (await ReadAsync(store.Runs, "run", 31)).ShouldBeEmpty();
        (await ReadAsync(store.Runs, "unknown")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Damage_is_named()
    {
        var store = await OpenAsync();
        var observer = new DurableObserver();
        var run = await store.Runs.ClaimAsync("run", "node:1", observer, None);
        run.Append(FrameRecordKind.Frame, 0, 0, Body("run", 1));
        await observer.ReachesAsync(1);
        await PostgresServer.ExecuteAsync(Connection, "UPDATE trainmon.log SET body = set_byte(body, 30, get_byte(body, 30) # 1)");
        (await Should.ThrowAsync<InvalidDataException>(() => ReadAsync(store.Runs, "run"))).Message.ShouldContain("run run is damaged at positions 1 to 1");
    }

    [Fact]
    public async Task A_row_that_is_missing_is_named()
    {
        var store = await OpenAsync();
        var observer = new DurableObserver();
        var run = await store.Runs.ClaimAsync("run", "node:1", observer, None);
        for (var number = 1; number <= 3; number++)
        {
            run.Append(FrameRecordKind.Frame, 0, 0, Body("run", number));
            await observer.ReachesAsync(number);
        }

        await PostgresServer.ExecuteAsync(Connection, "DELETE FROM trainmon.log WHERE first = 2");
        (await Should.ThrowAsync<InvalidDataException>(() => ReadAsync(store.Runs, "run"))).Message.ShouldContain("nothing at positions 2 to 2");
    }

    [Fact]
    public async Task What_was_appended_before_closing_and_leaving_is_written()
    {
        var store = await OpenAsync();
        var observer = new DurableObserver();
        var run = await store.Runs.ClaimAsync("run", "node:1", observer, None);
        run.Append(FrameRecordKind.Frame, 0, 0, Body("run", 1));
        run.Leave();
        Should.Throw<IOException>(() => run.Append(FrameRecordKind.Frame, 0, 0, []));
        await store.DisposeAsync();
        observer.Calls.ShouldBe(0);
        (await ReadAsync((await OpenAsync()).Runs, "run")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Overdue_runs_are_found_by_the_clock_of_the_database()
    {
        var store = await OpenAsync();
        foreach (var (name, promise) in new (string, TimeSpan?)[] { ("late", TimeSpan.FromHours(-2)), ("later", TimeSpan.FromHours(-3)), ("due", TimeSpan.FromHours(1)), ("silent", null) })
        {
            var observer = new DurableObserver();
            var run = await store.Runs.ClaimAsync(name, "node:1", observer, None);
            run.Promise(promise);
            run.Append(FrameRecordKind.Frame, 0, 0, []);
            await observer.ReachesAsync(1);
        }

        (await store.Runs.OverdueAsync(TimeSpan.FromMinutes(1), 10, None)).ShouldBe(["later", "late"]);
        (await store.Runs.OverdueAsync(TimeSpan.FromMinutes(1), 1, None)).ShouldBe(["later"]);
        (await store.Runs.OverdueAsync(TimeSpan.FromHours(2.5), 10, None)).ShouldBe(["later"]);
    }

    [Fact]
    public async Task A_promise_alone_is_written_and_taken_back()
    {
        var store = await OpenAsync();
        var run = await store.Runs.ClaimAsync("run", "node:1", new DurableObserver(), None);
        run.Promise(TimeSpan.FromHours(-2));
        await UntilAsync(async () => (await store.Runs.OverdueAsync(TimeSpan.Zero, 10, None)).Count == 1);
        var commits = store.Counters.Commits;
        run.Promise(TimeSpan.FromHours(-2));
        run.Promise(null);
        await UntilAsync(async () => (await store.Runs.OverdueAsync(TimeSpan.Zero, 10, None)).Count == 0);
        store.Counters.Commits.ShouldBe(commits + 1);
    }

    [Fact]
    public async Task An_append_is_refused_while_too_much_waits()
    {
        var store = await OpenAsync(options => options with { MaxPendingBytes = 1 << 16 });
        var observer = new DurableObserver();
        var run = await store.Runs.ClaimAsync("run", "node:1", observer, None);
        Should.Throw<IOException>(() => run.Append(FrameRecordKind.Frame, 0, 0, new byte[1 << 16]));
        run.Append(FrameRecordKind.Frame, 0, 0, new byte[1000]).ShouldBe(1);
        await observer.ReachesAsync(1);
        run.PendingBytes.ShouldBe(0);
    }

    [Fact]
    public async Task A_name_that_the_database_cannot_hold_is_refused()
    {
        var store = await OpenAsync();
        await Should.ThrowAsync<ArgumentException>(() => store.Runs.ClaimAsync("a\0b", "node:1", new DurableObserver(), None));
        await Should.ThrowAsync<ArgumentException>(() => store.Runs.ClaimAsync("\ud800", "node:1", new DurableObserver(), None));
    }

    [Fact]
    public void Options_do_not_print_the_password() =>
        new PostgresOptions { ConnectionString = "Password=hunter2" }.ToString().ShouldNotContain("hunter2");
}
