using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Postgres;
using TrainingMonitor.Storage.Shared;

namespace TrainingMonitor.Benchmarks.Postgres;

/// <summary>The shared log: as fast as the database takes it, and paced as trainers pace it. The database is on this machine, so that its processor time can be read.</summary>
internal static class SharedLogSpeed
{
    private const int RecordBytes = 5 << 10;
    private const long Credits = 8 << 20;

    public static async Task<string> RunAsync(string connectionString, int seconds)
    {
        var text = new StringBuilder("| runs | pace | records/s | MB/s | commits/s | rows a commit | append to durable, ms (median, p99) | client CPU, µs/record | PostgreSQL CPU, µs/record |\n|---|---|---|---|---|---|---|---|---|\n");
        foreach (var (runs, paced) in new[] { (1, false), (10, false), (100, false), (1000, false), (10, true), (100, true), (1000, true), (5000, true) })
        {
            var options = new PostgresOptions { ConnectionString = connectionString, Schema = "trainmon_speed" };
            await using var store = await PostgresStore.OpenAsync(options, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
            text.AppendLine(await MeasureAsync(store, new DatabaseTimes(connectionString), runs, paced, seconds));
            await DatabaseTimes.ExecuteAsync(connectionString, "DROP SCHEMA trainmon_speed CASCADE; CHECKPOINT");
        }

        return text.ToString();
    }

    private static async Task<string> MeasureAsync(PostgresStore store, DatabaseTimes times, int count, bool paced, int seconds)
    {
        var runs = new List<(IOwnedRun Run, LatencyObserver Latency)>();
        for (var i = 0; i < count; i++)
        {
            var latency = new LatencyObserver();
            runs.Add((await store.Runs.ClaimAsync($"run-{i}", "benchmark", latency, CancellationToken.None), latency));
        }

        var body = new byte[RecordBytes];
        new Random(1).NextBytes(body);
        await LoadAsync(runs, body, paced, 2);
        runs.ForEach(run => run.Latency.Clear());

        var (records, bytes, commits) = (store.Counters.Records, store.Counters.Bytes, store.Counters.Commits);
        var (client, server) = (Environment.CpuUsage.TotalTime, await times.TotalAsync());
        var started = Stopwatch.GetTimestamp();
        await LoadAsync(runs, body, paced, seconds);
        while (runs.Any(run => run.Run.DurablePosition < run.Run.LastPosition))
        {
            await Task.Delay(1);
        }

        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        client = Environment.CpuUsage.TotalTime - client;
        server = await times.TotalAsync() - server;
        (records, bytes, commits) = (store.Counters.Records - records, store.Counters.Bytes - bytes, store.Counters.Commits - commits);
        var latencies = runs.SelectMany(run => run.Latency.Milliseconds).Order().ToList();
        var rows = runs.Sum(run => run.Latency.Milliseconds.Count);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {count:N0} | {(paced ? "1 record/s each" : "as fast as it goes")} | {records / elapsed:N0} | {bytes / elapsed / 1e6:F1} | {commits / elapsed:F1} | {(double)rows / commits:F1} | {latencies[latencies.Count / 2]:F0}, {latencies[latencies.Count * 99 / 100]:F0} | {client.TotalMicroseconds / records:F1} | {server.TotalMicroseconds / records:F1} |");
    }

    private static async Task LoadAsync(List<(IOwnedRun Run, LatencyObserver Latency)> runs, byte[] body, bool paced, int seconds)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0L; Stopwatch.GetElapsedTime(started).TotalSeconds < seconds; i++)
        {
            var (run, latency) = runs[(int)(i % runs.Count)];
            latency.Appended(run.Append(FrameRecordKind.Frame, 0, 0, body));
            while (paced ? (i / (double)runs.Count) - Stopwatch.GetElapsedTime(started).TotalSeconds > 0.001 : run.PendingBytes > Credits)
            {
                var rest = (i / (double)runs.Count) - Stopwatch.GetElapsedTime(started).TotalSeconds;
                await Task.Delay(paced ? TimeSpan.FromSeconds(Math.Max(0.001, rest)) : TimeSpan.FromMilliseconds(1));
            }
        }
    }
}
