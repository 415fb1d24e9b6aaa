using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Storage.Snapshots;

namespace TrainingMonitor.Storage.Tests.Snapshots;

public sealed class SqliteSnapshotStoreTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TemporaryFolder folder = new();

    private string Path => folder.File("snapshots.db");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_newest_comes_back_after_reopening()
    {
        await using (var store = Open())
        {
            (await store.LoadAsync("läuft", None)).ShouldBeNull();
            await store.SaveAsync(new Snapshot("läuft", 10, [1]), None);
            await store.SaveAsync(new Snapshot("läuft", 20, [2]), None);
            await store.SaveAsync(new Snapshot("other", 15, []), None);
        }

        await using var again = Open();
        var snapshot = await again.LoadAsync("läuft", None);
        snapshot.ShouldNotBeNull();
        (snapshot.Position, snapshot.State[0]).ShouldBe((20, (byte)2));
        (await again.LoadAsync("other", None))!.State.ShouldBeEmpty();
        (await again.PositionsAsync(None)).ShouldBe(new Dictionary<string, long> { ["läuft"] = 20, ["other"] = 15 }, ignoreOrder: true);
        again.MovedAside.ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_are_kept_and_a_rejected_one_falls_back()
    {
        await using var store = Open();
        for (var i = 1; i <= 5; i++)
        {
            await store.SaveAsync(new Snapshot("run", i, [(byte)i]), None);
        }

        (await store.FallbackPositionsAsync(None))["run"].ShouldBe(4);
        (await store.FallbackPositionAsync("run", None)).ShouldBe(4);
        (await store.FallbackPositionAsync("another", None)).ShouldBe(0);
        await store.RejectAsync((await store.LoadAsync("run", None))!, "does not parse", None);
        (await store.LoadAsync("run", None))!.Position.ShouldBe(4);
        await store.RejectAsync((await store.LoadAsync("run", None))!, "does not parse", None);
        (await store.LoadAsync("run", None)).ShouldBeNull();
        Query<long>("SELECT count(*) FROM rejected").ShouldBe(2);
        Query<string>("SELECT reason FROM rejected LIMIT 1").ShouldBe("does not parse");
    }

    [Fact]
    public async Task A_state_that_rotted_is_rejected_and_the_one_before_it_used()
    {
        await using (var store = Open())
        {
            await store.SaveAsync(new Snapshot("run", 1, [1, 1, 1]), None);
            await store.SaveAsync(new Snapshot("run", 2, [2, 2, 2]), None);
        }

        Query<long>("UPDATE snapshots SET state = x'020302' WHERE position = 2");
        await using var again = Open();
        (await again.LoadAsync("run", None))!.Position.ShouldBe(1);
        Query<long>("SELECT position FROM rejected").ShouldBe(2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5000)]
    public async Task A_damaged_file_is_moved_aside(int offset)
    {
        await using (var store = Open())
        {
            for (var i = 0; i < 50; i++)
            {
                await store.SaveAsync(new Snapshot($"run{i}", 1, new byte[2000]), None);
            }
        }

        await using (var file = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = offset;
            file.Write([.. Enumerable.Repeat((byte)0xA5, 20_000)]);
        }

        await using var again = Open();
        var aside = again.MovedAside.ShouldHaveSingleItem();
        File.Exists(aside).ShouldBeTrue();
        (await again.PositionsAsync(None)).ShouldBeEmpty();
        await again.SaveAsync(new Snapshot("run", 1, [1]), None);
        (await again.LoadAsync("run", None)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_file_of_a_newer_program_is_moved_aside_not_touched()
    {
        await using (Open())
        {
        }

        Query<long>("PRAGMA user_version = 99");
        await using var again = Open();
        again.MovedAside.Count.ShouldBe(1);
        Query<long>("PRAGMA user_version").ShouldBe(1);
    }

    [Fact]
    public async Task Damage_that_shows_later_is_moved_aside_too()
    {
        await using var store = Open();
        for (var i = 0; i < 300; i++)
        {
            await store.SaveAsync(new Snapshot($"run{i}", 1, new byte[20_000]), None);
        }

        await using (var file = new FileStream(Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            var junk = Enumerable.Repeat((byte)0xA5, (int)file.Length - 4096).ToArray();
            file.Position = 4096;
            file.Write(junk);
        }

        for (var i = 0; i < 300 && store.MovedAside.Count == 0; i++)
        {
            await store.LoadAsync($"run{i}", None);
        }

        store.MovedAside.Count.ShouldBe(1);
        await store.SaveAsync(new Snapshot("run", 7, [1]), None);
        (await store.LoadAsync("run", None))!.Position.ShouldBe(7);
    }

    private SqliteSnapshotStore Open() => SqliteSnapshotStore.Open(Path, NullLogger<SqliteSnapshotStore>.Instance, TimeProvider.System);

    private T? Query<T>(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is T value ? value : default;
    }
}
