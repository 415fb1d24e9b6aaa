using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Postgres.Log;
using TrainingMonitor.Storage.Shared;
using TrainingMonitor.Storage.Snapshots;
using TrainingMonitor.Storage.Tests.Log;

namespace TrainingMonitor.Storage.Tests.Postgres;

public sealed class SharedSnapshotTests(PostgresServerFixture fixture) : PostgresTests(fixture)
{
    [Fact]
    public async Task The_newest_comes_back_and_a_rejected_one_falls_back()
    {
        var store = await OpenAsync();
        var run = await AppendAsync(store.Runs, 5);
        (await run.LoadSnapshotAsync(None)).ShouldBeNull();
        for (var position = 1; position <= 5; position++)
        {
            await run.SaveSnapshotAsync(new Snapshot("run", position, State(position)), None);
        }

        (await PostgresServer.ScalarAsync<long>(Connection, "SELECT count(*) FROM trainmon.snapshot")).ShouldBe(2);
        var newest = (await run.LoadSnapshotAsync(None)).ShouldNotBeNull();
        (newest.RunId, newest.Position).ShouldBe(("run", 5));
        newest.State.ShouldBe(State(5));
        await run.RejectSnapshotAsync(newest, "does not parse", None);
        (await run.LoadSnapshotAsync(None))!.Position.ShouldBe(4);
        (await PostgresServer.ScalarAsync<string>(Connection, "SELECT rejected FROM trainmon.snapshot WHERE position = 5")).ShouldBe("does not parse");
    }

    [Fact]
    public async Task A_state_that_rotted_is_rejected_and_the_one_before_it_used()
    {
        var store = await OpenAsync();
        var run = await AppendAsync(store.Runs, 2);
        await run.SaveSnapshotAsync(new Snapshot("run", 1, State(1)), None);
        await run.SaveSnapshotAsync(new Snapshot("run", 2, State(2)), None);
        await PostgresServer.ExecuteAsync(Connection, "UPDATE trainmon.snapshot SET state = set_byte(state, 10, get_byte(state, 10) # 1) WHERE position = 2");
        (await run.LoadSnapshotAsync(None))!.State.ShouldBe(State(1));
        (await PostgresServer.ScalarAsync<long>(Connection, "SELECT position FROM trainmon.snapshot WHERE rejected IS NOT NULL")).ShouldBe(2);
        await run.SaveSnapshotAsync(new Snapshot("run", 2, State(2)), None);
        (await run.LoadSnapshotAsync(None))!.Position.ShouldBe(2);
    }

    [Fact]
    public async Task A_snapshot_ahead_of_the_log_is_refused()
    {
        var store = await OpenAsync();
        var run = await AppendAsync(store.Runs, 2);
        await Should.ThrowAsync<InvalidOperationException>(() => run.SaveSnapshotAsync(new Snapshot("run", 3, State(3)), None));
        (await run.LoadSnapshotAsync(None)).ShouldBeNull();
    }

    [Fact]
    public async Task The_log_loses_only_what_neither_snapshot_needs()
    {
        var store = await OpenAsync(options => options with { RunLogBytes = 0 });
        var run = await AppendAsync(store.Runs, 10);
        await run.SaveSnapshotAsync(new Snapshot("run", 4, State(4)), None);
        (await ReadAsync(store.Runs, "run")).Count.ShouldBe(10);
        await run.SaveSnapshotAsync(new Snapshot("run", 8, State(8)), None);
        (await ReadAsync(store.Runs, "run", 5)).Count.ShouldBe(6);
        (await ReadAsync(store.Runs, "run")).Count.ShouldBe(6);
        await run.RejectSnapshotAsync(new Snapshot("run", 8, []), "does not parse", None);
        await run.SaveSnapshotAsync(new Snapshot("run", 9, State(9)), None);
        (await ReadAsync(store.Runs, "run")).First().Position.ShouldBe(5);
        (await PostgresServer.ScalarAsync<bool>(
            Connection, "SELECT log_bytes = (SELECT sum(octet_length(body)) FROM trainmon.log) FROM trainmon.run")).ShouldBeTrue();
    }

    [Fact]
    public async Task Log_is_kept_for_recordings_up_to_its_limit()
    {
        var store = await OpenAsync(options => options with { RunLogBytes = 4000 });
        var run = await AppendAsync(store.Runs, 10);
        await run.SaveSnapshotAsync(new Snapshot("run", 9, State(9)), None);
        await run.SaveSnapshotAsync(new Snapshot("run", 10, State(10)), None);
        // Rows of 1018 bytes: the four newest are kept at least, and one of them is above the limit.
        (await ReadAsync(store.Runs, "run")).First().Position.ShouldBe(8);
    }

    [Fact]
    public async Task Pruning_reads_no_part_twice_for_a_run_that_the_statistics_do_not_know()
    {
        var store = await OpenAsync(options => options with { RunLogBytes = 1 << 30 });
        await PostgresServer.ExecuteAsync(
            Connection,
            """
            INSERT INTO trainmon.run (run_id, epoch, owner, position, claimed) SELECT 'other' || k, 1, 'node:2', 300, now() FROM generate_series(1, 70) k;
            INSERT INTO trainmon.log SELECT 'other' || k, i, i, 1, now(), '\x00' FROM generate_series(1, 70) k, generate_series(1, 300) i;
            INSERT INTO trainmon.snapshot SELECT 'other' || k, 100 * i, 1, now(), 0, '\x00', NULL FROM generate_series(1, 70) k, generate_series(1, 2) i;
            ANALYZE;
            """);
        var run = await AppendAsync(store.Runs, 100);
        await run.SaveSnapshotAsync(new Snapshot("run", 60, State(60)), None);
        await run.SaveSnapshotAsync(new Snapshot("run", 90, State(90)), None);

        await using var source = NpgsqlDataSource.Create(Connection);
        await using var command = source.CreateCommand("EXPLAIN (ANALYZE, FORMAT JSON) " + SnapshotTable.Pruning("trainmon"));
        foreach (var value in (object[])["run", run.Epoch, 0L])
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        var plan = (string)(await command.ExecuteScalarAsync(None))!;
        var loops = Regex.Matches(plan, "\"Actual Loops\": ([0-9]+)").Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).ToList();
        loops.Count.ShouldBeGreaterThan(10);
        loops.Max().ShouldBeLessThanOrEqualTo(2, plan);
        (await ReadAsync(store.Runs, "run")).First().Position.ShouldBe(61);
    }

    private static byte[] State(long position) => [.. Enumerable.Range(0, 5000).Select(i => (byte)((i / 7) + position))];

    private static async Task<IOwnedRun> AppendAsync(ISharedRuns runs, int count)
    {
        var observer = new DurableObserver();
        var run = await runs.ClaimAsync("run", "node:1", observer, None);
        for (var number = 1; number <= count; number++)
        {
            run.Append(FrameRecordKind.Frame, 0, 0, Body("run", number, 1000));
            await observer.ReachesAsync(number);
        }

        return run;
    }
}
