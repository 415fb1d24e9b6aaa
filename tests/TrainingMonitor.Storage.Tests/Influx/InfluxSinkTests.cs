using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Influx;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Spooling;
using TrainingMonitor.Storage.Tests.Series;

namespace TrainingMonitor.Storage.Tests.Influx;

/// <summary>The sink against a real influxd that comes and goes, counted against what was given to it.</summary>
public sealed class InfluxSinkTests : IDisposable
{
    private const int StepsAWrite = 40;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Every_point_is_there_once_after_kills_of_the_server_and_restarts_of_the_sink()
    {
        await using var server = await InfluxServer.StartAsync();
        var position = 0;
        for (var round = 0; round < 3; round++)
        {
            await using var sink = Start(server);
            for (var i = 0; i < 30; i++)
            {
                await sink.AddAsync([Writes(++position)]);
                if (i == 10)
                {
                    await server.KillAsync();
                }

                if (i == 20 && round > 0)
                {
                    await server.RunAsync();
                }
            }

            if (round == 0)
            {
                // The sink ends while the server is away; the next one begins with what is left.
                await sink.DisposeAsync();
                await server.RunAsync();
            }
        }

        await using var last = Start(server);
        // The same once more, as after a crash before the store's commit.
        await last.AddAsync([Writes(position), Writes(position - 1)]);
        await DrainedAsync(last);
        last.Counters.DeadLetters.ShouldBe(0);
        last.Spooled.DroppedLines.ShouldBe(0);
        await CheckAsync(server, position);
    }

    [Fact]
    public async Task Every_point_is_there_once_behind_a_server_that_is_slow_refuses_and_writes_halves()
    {
        await using var server = await InfluxServer.StartAsync();
        await using var path = new FaultyPath(server.Url);
        await using var sink = Start(path.Url);
        var position = 0;
        while (path.Met.Any(met => met < 2))
        {
            await sink.AddAsync([Writes(++position)]);
            await UntilAsync(() => sink.Spooled.Records < 3, "the faulty path lets nothing through");
        }

        path.IsFaulty = false;
        await DrainedAsync(sink);
        (sink.Counters.DeadLetters, sink.Spooled.DroppedLines).ShouldBe((0, 0));
        await CheckAsync(server, position);
    }

    [Fact]
    public async Task A_server_that_is_away_costs_the_oldest_and_the_count_says_how_many()
    {
        await using var server = await InfluxServer.StartAsync();
        await server.KillAsync();
        await using var sink = Start(server, new SpoolOptions { Folder = folder.Path, CapBytes = 256 << 10, SegmentBytes = 32 << 10 });
        for (var i = 1; i <= 200; i++)
        {
            await sink.AddAsync([Writes(i)]);
        }

        sink.Spooled.DroppedLines.ShouldBeGreaterThan(0);
        sink.Spooled.Bytes.ShouldBeLessThan(256 << 10);
        await server.RunAsync();
        await DrainedAsync(sink);
        var there = await CountAsync(server, "SELECT COUNT(\"step\") FROM \"run\",\"scalar\",\"layer\",\"alert\"");
        there.ShouldBe(sink.Spooled.AppendedLines - sink.Spooled.DroppedLines);
        sink.Counters.Accepted.ShouldBe(there);
        (await server.RowsAsync("trainmon", "SELECT MAX(\"step\") FROM \"run\""))[0][1].GetInt64().ShouldBe((201 * StepsAWrite) - 1);
    }

    /// <summary>Ten minutes of the trainer's stamps (0.25 s a step, 2400 steps, in batches of 40) with the server away.</summary>
    [Fact]
    public async Task An_outage_of_ten_minutes_of_stream_time_loses_nothing_and_is_made_up_in_few_requests()
    {
        const int Batches = 10 * 60 * 4 / StepsAWrite;
        await using var server = await InfluxServer.StartAsync();
        await using var sink = Start(server);
        await sink.AddAsync([Writes(1)]);
        await DrainedAsync(sink);
        await server.KillAsync();
        for (var i = 2; i <= Batches + 2; i++)
        {
            await sink.AddAsync([Writes(i)]);
        }

        sink.Spooled.Records.ShouldBeGreaterThanOrEqualTo(Batches);
        await UntilAsync(() => sink.Counters.Kept > 0, "the server is not asked");
        await server.RunAsync();
        var before = sink.Counters.Requests - sink.Counters.Kept;
        await DrainedAsync(sink);
        // One batch a request would be sixty.
        (sink.Counters.Requests - sink.Counters.Kept - before).ShouldBeLessThan(10);
        (sink.Spooled.DroppedLines, sink.Counters.DeadLetters).ShouldBe((0, 0));
        await CheckAsync(server, Batches + 2);
        var times = (await server.RowsAsync("trainmon", "SELECT \"step\" FROM \"run\"")).Select(row => row[0].GetInt64()).ToList();
        (times[^1] - times[0]).ShouldBeGreaterThan(600_000_000_000);
        times.Distinct().Count().ShouldBe(times.Count);
    }

    [Fact]
    public async Task A_wrong_password_loses_nothing_and_the_right_one_is_taken()
    {
        await using var server = await InfluxServer.StartAsync(authenticates: true);
        await server.QueryAsync("", "CREATE USER admin WITH PASSWORD 'secret' WITH ALL PRIVILEGES");
        await using (var refused = Start(server, token: "admin:wrong"))
        {
            await refused.AddAsync([Writes(1)]);
            await UntilAsync(() => refused.Counters.Kept >= 3, "the server is not asked again");

            (refused.Counters.Accepted, refused.Counters.DeadLetters).ShouldBe((0, 0));
        }

        server.LogIn("admin:secret");
        await using var sink = Start(server, token: "admin:secret");
        await DrainedAsync(sink);
        await CheckAsync(server, 1);
    }

    internal static Task DrainedAsync(InfluxSink sink) => UntilAsync(() => sink.Spooled.Records == 0, "the spool does not drain");

    private static async Task UntilAsync(Func<bool> condition, string otherwise)
    {
        var waited = Stopwatch.StartNew();
        while (!condition())
        {
            waited.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(2), otherwise);
            await Task.Delay(20);
        }
    }

    private static async Task CheckAsync(InfluxServer server, int position)
    {
        var steps = position * StepsAWrite;
        (await CountAsync(server, "SELECT COUNT(\"loss\") FROM \"run\" WHERE \"run\" = 'run' AND \"project\" = 'p'")).ShouldBe(steps);
        (await CountAsync(server, "SELECT SUM(\"step\") FROM \"run\"")).ShouldBe(Enumerable.Range(StepsAWrite, steps).Sum(step => (long)step));
        (await CountAsync(server, "SELECT SUM(\"loss\") FROM \"run\"")).ShouldBe(Enumerable.Range(StepsAWrite, steps).Sum(step => (long)step));
        (await CountAsync(server, "SELECT COUNT(\"value\") FROM \"scalar\" WHERE \"name\" = 's'")).ShouldBe(position);
        (await CountAsync(server, "SELECT COUNT(\"ordinal\") FROM \"alert\"")).ShouldBe(position);
        (await CountAsync(server, "SELECT SUM(\"ordinal\") FROM \"alert\"")).ShouldBe(Enumerable.Range(1, position).Sum());
        (await CountAsync(server, "SELECT COUNT(\"grad_norm_mean\") FROM \"layer\"")).ShouldBe(position * SampleWrites.Layers.Length);
    }

    private static async Task<long> CountAsync(InfluxServer server, string statement) =>
        (long)(await server.RowsAsync("trainmon", statement)).Sum(row => row[1].GetDouble());

    private static RunWrites Writes(int position) => new("run", position)
    {
        Project = "p",
        Points = [.. Enumerable.Range(position * StepsAWrite, StepsAWrite).Select(step => SampleWrites.Point(step, values: (RunSeries.Loss, step)))],
        Scalars = [new ScalarPoint(0, 0, position, SampleWrites.TimeOf(position), "s", 1)],
        Blocks = [SampleWrites.Block(position * StepsAWrite, StepsAWrite)],
        Alerts = [SampleWrites.Alert("run", (ulong)position, AlertState.Firing, step: position)],
    };

    private InfluxSink Start(InfluxServer server, SpoolOptions? spool = null, string token = "") => Start(server.Url, spool, token);

    private InfluxSink Start(Uri url, SpoolOptions? spool = null, string token = "") => InfluxSink.Start(
        new InfluxSinkOptions
        {
            Server = new InfluxOptions { Url = url, Token = token },
            Spool = spool ?? new SpoolOptions { Folder = folder.Path },
            FirstPauseSeconds = 0.02,
            LongestPauseSeconds = 0.2,
        },
        TimeProvider.System,
        NullLoggerFactory.Instance);
}
