using DuckDB.NET.Data;
using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Storage.Tests.Series;

public sealed class DuckDbSeriesStoreTests : SeriesStoreContract, IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string DatabasePath => folder.File("series.db");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_series_the_file_does_not_know_gets_a_column_and_old_rows_stay()
    {
        await using (var store = Open())
        {
            await store.WriteAsync([Losses("run", 1, 0, 3) with { Blocks = [SampleWrites.Block(0, 4)] }], None);
        }

        Execute("ALTER TABLE points DROP COLUMN accuracy; ALTER TABLE blocks_1 DROP COLUMN noise_scale; ALTER TABLE points ADD COLUMN of_another_time DOUBLE");
        await using var again = Open();
        again.MovedAside.ShouldBeNull();
        await again.WriteAsync(
            [
                new RunWrites("run", 2)
                {
                    Points = [SampleWrites.Point(3, values: [(Estimation.Series.RunSeries.Accuracy, 0.5), (Estimation.Series.RunSeries.Loss, 9)])],
                    Blocks = [SampleWrites.Block(4, 4)],
                },
            ],
            None);
        (await Single(again, Request("run", "accuracy"))).X.ShouldBe([3.0]);
        (await Single(again, Request("run", "loss"))).Last.ShouldBe([1, 0.5, 1.0 / 3, 9]);
        (await Single(again, LayerRequest("run", "embed", "noise_scale"))).X.ShouldBe([7.0]);
        (await Single(again, LayerRequest("run", "embed", "grad_norm"))).X.ShouldBe([3.0, 7]);
    }

    [Fact]
    public async Task Positions_of_many_commits_do_not_pile_up_and_the_highest_counts()
    {
        const int Writes = 2500;
        await using (var store = Open())
        {
            await store.WriteAsync([Losses("early", 7, 0, 1)], None);
            for (var position = 1; position <= Writes; position++)
            {
                await store.WriteAsync([Losses("run", position, position, 1)], None);
            }
        }

        // 8 rows a run and 1024: BatchWriter.
        Count("commits").ShouldBeInRange(2, (8 * 2) + 1024);
        await using var again = Open();
        (await again.CommittedPositionsAsync(None)).ShouldBe(new Dictionary<string, long> { ["early"] = 7, ["run"] = Writes }, ignoreOrder: true);
        await again.WriteAsync([Losses("run", Writes, Writes + 10, 5)], None);
        (await again.GetSeriesAsync(Request("run", "loss"), None)).Series[0].X[^1].ShouldBe(Writes, "a position that is committed is not written again");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4100)]
    public async Task A_damaged_file_is_moved_aside_and_a_new_one_started(int offset)
    {
        await using (var store = Open())
        {
            await store.WriteAsync([Losses("run", 1, 0, 3000)], None);
        }

        await using (var file = new FileStream(DatabasePath, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = offset;
            file.Write([.. Enumerable.Repeat((byte)0xA5, 20_000)]);
        }

        await using var again = Open();
        again.MovedAside.ShouldNotBeNull();
        File.Exists(again.MovedAside).ShouldBeTrue();
        (await again.CommittedPositionsAsync(None)).ShouldBeEmpty();
        await again.WriteAsync([Losses("run", 1, 0, 3)], None);
        (await Single(again, Request("run", "loss"))).X.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_damaged_write_ahead_log_does_not_stop_the_start()
    {
        await File.WriteAllBytesAsync(DatabasePath + ".wal", [.. Enumerable.Repeat((byte)0xA5, 5000)], None);
        await using var store = Open();
        await store.WriteAsync([Losses("run", 1, 0, 3)], None);
        (await Single(store, Request("run", "loss"))).X.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_file_of_a_newer_program_is_moved_aside()
    {
        await using (Open())
        {
        }

        Execute("INSERT INTO schema_versions VALUES (99, 0)");
        await using var again = Open();
        again.MovedAside.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_write_that_fails_leaves_nothing_behind()
    {
        await using var store = Open();
        await store.WriteAsync([Losses("run", 1, 0, 3)], None);
        var bad = Losses("run", 2, 3, 3) with { Scalars = [new ScalarPoint(0, 0, 1, 1, null!, 1)] };
        await Should.ThrowAsync<Exception>(() => store.WriteAsync([Losses("new", 2, 0, 5), bad], None));
        (await store.CommittedPositionsAsync(None)).ShouldBe(new Dictionary<string, long> { ["run"] = 1 });
        (await store.GetSeriesAsync(Request("new", "loss"), None)).Series.ShouldBeEmpty();
        await store.WriteAsync([Losses("new", 2, 0, 5), Losses("run", 2, 3, 3)], None);
        (await Single(store, Request("run", "loss"))).X.Count.ShouldBe(6);
        (await Single(store, Request("new", "loss"))).X.Count.ShouldBe(5);
    }

    [Fact]
    public async Task Above_the_cap_the_oldest_layer_windows_go_and_all_else_stays()
    {
        await using var store = DuckDbSeriesStore.Open(
            new DuckDbOptions { Path = DatabasePath, Retention = new RetentionOptions { DiskCapBytes = 6 << 20, PartBytes = 1 << 20 } },
            NullLogger<DuckDbSeriesStore>.Instance,
            TimeProvider.System);
        string[] layers = [.. Enumerable.Range(0, 100).Select(i => $"layer{i}")];
        var random = new Random(1);
        for (var i = 0; i < 60; i++)
        {
            var first = i * 100;
            await store.WriteAsync(
                [
                    Losses("run", i + 1, first, 100) with
                    {
                        Blocks = [.. Enumerable.Range(first, 100).Select(step => SampleWrites.Block(step, 1, layers: layers, value: (_, _) => random.NextSingle()))],
                    },
                ],
                None);
        }

        var request = LayerRequest("run", "layer7", "grad_norm");
        request.MaxBuckets = 2000;
        var windows = await Single(store, request);
        windows.X[0].ShouldBeGreaterThan(0);
        windows.X[^1].ShouldBe(5999);
        windows.Count.Sum(count => (long)count).ShouldBeInRange(600, 5400);
        (await Single(store, Request("run", "loss"))).Count.Sum(count => (long)count).ShouldBe(6000);
    }

    [Fact]
    public async Task Readers_see_whole_batches_while_a_writer_writes()
    {
        await using var store = Open();
        await store.WriteAsync([Losses("run", 1, 0, 100)], None);
        var writing = Task.Run(async () =>
        {
            for (var i = 1; i < 40; i++)
            {
                await store.WriteAsync([Losses("run", i + 1, i * 100, 100)], None);
            }
        });
        var request = Request("run", "loss");
        do
        {
            ((await Single(store, request)).Count.Sum(count => (long)count) % 100).ShouldBe(0);
        }
        while (!writing.IsCompleted);
        await writing;
    }

    [Fact]
    public async Task Parquet_reads_back()
    {
        await using var store = Open();
        await store.WriteAsync([Losses("run", 1, 0, 3)], None);
        await store.ExportAsync("run", folder.File("run.parquet"), ExportFormat.Parquet, layers: false, None);
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT sum(loss) FROM '{folder.File("run.parquet")}'";
        Convert.ToDouble(command.ExecuteScalar()).ShouldBe(1 + 0.5 + (1.0 / 3), 1e-12);
    }

    protected override Task<ISeriesStore> OpenAsync() => Task.FromResult<ISeriesStore>(Open());

    private DuckDbSeriesStore Open() => DuckDbSeriesStore.Open(new DuckDbOptions { Path = DatabasePath }, NullLogger<DuckDbSeriesStore>.Instance, TimeProvider.System);

    private long Count(string table)
    {
        using var connection = new DuckDBConnection($"DataSource={DatabasePath}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table}";
        return (long)command.ExecuteScalar()!;
    }

    private void Execute(string sql)
    {
        using var connection = new DuckDBConnection($"DataSource={DatabasePath}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
