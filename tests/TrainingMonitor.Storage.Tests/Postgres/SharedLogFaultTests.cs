using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Postgres;
using TrainingMonitor.Storage.Shared;
using TrainingMonitor.Storage.Tests.Log;

namespace TrainingMonitor.Storage.Tests.Postgres;

public sealed class SharedLogFaultTests(PostgresServerFixture fixture) : PostgresTests(fixture)
{
    private const int Runs = 8;

    [Fact]
    public async Task Answers_that_are_lost_double_nothing_and_fence_nobody()
    {
        await using var path = new CutPath(Server.Port);
        var store = await OpenAsync(options => options with { ConnectionString = options.ConnectionString.Replace($"Port={Server.Port}", $"Port={path.Port}") });
        var load = await LoadAsync(store);
        path.CutEvery = 5;
        await load.AppendAsync(400);
        path.CutEvery = 0;
        await load.SettleAsync();
        path.Cuts.ShouldBeGreaterThan(3);
        store.Counters.Retries.ShouldBeGreaterThan(0);
        store.Counters.Fenced.ShouldBe(0);
        await load.CheckAsync(store.Runs);
    }

    [Fact]
    public async Task Connections_that_an_administrator_ends_lose_nothing()
    {
        var store = await OpenAsync();
        var load = await LoadAsync(store);
        var appending = load.AppendAsync(400);
        while (!appending.IsCompleted)
        {
            await PostgresServer.ExecuteAsync(Connection, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'trainmon'");
            await Task.Delay(30);
        }

        await appending;
        await load.SettleAsync();
        store.Counters.Retries.ShouldBeGreaterThan(0);
        store.Counters.Fenced.ShouldBe(0);
        await load.CheckAsync(store.Runs);
    }

    [Fact]
    public async Task A_server_that_is_killed_under_load_keeps_what_was_durable_and_goes_on()
    {
        await using var server = await PostgresServer.StartAsync(durable: true);
        var database = await server.NewDatabaseAsync();
        var store = await OpenAsync(options => options with { ConnectionString = database, Patience = TimeSpan.FromSeconds(1) });
        var load = await LoadAsync(store);
        for (var round = 1; round <= 3; round++)
        {
            var appending = load.AppendAsync(100);
            await Task.Delay(100 * round);
            await server.KillAsync();
            var durable = load.Durable;
            await appending;
            await UntilAsync(() => Task.FromResult(load.Failures.All(failures => failures == round)));
            await server.RunAsync();
            await using var other = await PostgresStore.OpenAsync(
                new PostgresOptions { ConnectionString = database }, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, TimeProvider.System, None);
            for (var i = 0; i < Runs; i++)
            {
                (await ReadAsync(other.Runs, $"run{i}")).Count.ShouldBeGreaterThanOrEqualTo((int)durable[i]);
            }

            await load.SettleAsync();
        }

        store.Counters.Fenced.ShouldBe(0);
        load.Failures.ShouldAllBe(failures => failures == 3);
        await load.CheckAsync(store.Runs);
    }

    [Fact]
    public async Task A_blip_is_told_to_nobody()
    {
        await using var server = await PostgresServer.StartAsync();
        var database = await server.NewDatabaseAsync();
        var store = await OpenAsync(options => options with { ConnectionString = database, Patience = TimeSpan.FromMinutes(1) });
        var load = await LoadAsync(store);
        await server.KillAsync();
        await load.AppendAsync(1);
        await Task.Delay(100);
        await server.RunAsync();
        await load.SettleAsync();
        store.Counters.Retries.ShouldBeGreaterThan(0);
        load.Failures.ShouldAllBe(failures => failures == 0);
    }

    private static async Task<Load> LoadAsync(PostgresStore store)
    {
        var load = new Load();
        for (var i = 0; i < Runs; i++)
        {
            await load.AddAsync(store.Runs, $"run{i}");
        }

        return load;
    }

    private sealed class Load
    {
        private readonly List<(IOwnedRun Run, DurableObserver Observer)> runs = [];
        private long number;

        public long[] Durable => [.. runs.Select(run => run.Observer.Durable)];

        public IEnumerable<int> Failures => runs.Select(run => run.Observer.Failures);

        public async Task AddAsync(ISharedRuns store, string runId)
        {
            var observer = new DurableObserver();
            runs.Add((await store.ClaimAsync(runId, "node:1", observer, None), observer));
        }

        public async Task AppendAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                number++;
                foreach (var (run, _) in runs)
                {
                    run.Append(FrameRecordKind.Frame, 0, 0, Body(run.RunId, number, 500)).ShouldBe(number);
                }

                await Task.Delay(3);
            }
        }

        public Task SettleAsync() => Task.WhenAll(runs.Select(run => run.Observer.ReachesAsync(number)));

        public async Task CheckAsync(ISharedRuns store)
        {
            foreach (var (run, observer) in runs)
            {
                observer.Fences.ShouldBe(0);
                var records = await ReadAsync(store, run.RunId);
                records.Select(record => record.Position).ShouldBe(Enumerable.Range(1, (int)number).Select(position => (long)position));
                records.All(record => record.Body.Span.SequenceEqual(Body(run.RunId, record.Position, 500))).ShouldBeTrue();
            }
        }
    }
}
