using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Storage.Influx;
using TrainingMonitor.Storage.Influx.Series;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Spooling;

namespace TrainingMonitor.Benchmarks.Influx;

/// <summary>The sink, from writes through the spool with its fsyncs to the server's answers, against a bare loop that posts bodies made beforehand to the same server.
/// Both in turns, each round with a run of its own.</summary>
internal static class SinkThroughput
{
    private const string Database = "throughput";

    public static async Task<string> RunAsync(Uri url, int rounds)
    {
        using var http = new HttpClient { BaseAddress = url };
        using (var create = new FormUrlEncodedContent([KeyValuePair.Create("q", $"CREATE DATABASE \"{Database}\"")]))
        {
            (await http.PostAsync(new Uri(url, "query"), create)).Dispose();
        }

        var folder = Directory.CreateTempSubdirectory("trainmon-throughput-").FullName;
        try
        {
            var text = new StringBuilder("| round | loop, fields/s | sink, fields/s | sink/loop |\n|---|---|---|---|\n");
            var ratios = new List<double>();
            for (var round = -1; round < rounds; round++)
            {
                // Who comes first changes, as the server's own work (compaction) comes later.
                var sinkFirst = round % 2 != 0;
                var first = sinkFirst ? await SinkAsync(url, folder, round) : await LoopAsync(http, round);
                var second = sinkFirst ? await LoopAsync(http, round) : await SinkAsync(url, folder, round);
                var (loop, sink) = sinkFirst ? (second, first) : (first, second);
                if (round >= 0)
                {
                    ratios.Add(sink / loop);
                    text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"| {round + 1} | {loop:N0} | {sink:N0} | {sink / loop:F2} |"));
                }
            }

            ratios.Sort();
            return text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"\nMedian of sink/loop: {ratios[ratios.Count / 2]:F2}")).ToString();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static List<RunWrites> Writes(string kind, int round)
    {
        var random = new Random(round);
        var run = string.Create(CultureInfo.InvariantCulture, $"{kind}-{round}-{Environment.ProcessId}");
        return
        [
            .. Enumerable.Range(0, 40).SelectMany(i => new[] { InfluxWrites.Points(run, i * 1000, 1000, random), InfluxWrites.Windows(run, i * 160, 5, random) }),
        ];
    }

    private static async Task<double> LoopAsync(HttpClient http, int round)
    {
        var bodies = new List<byte[]>();
        var lines = new SeriesLines((body, _) => bodies.Add(body.ToArray()));
        Writes("loop", round).ForEach(lines.Add);
        lines.Flush();
        var started = Stopwatch.GetTimestamp();
        foreach (var body in bodies)
        {
            using var content = new ByteArrayContent(body);
            using var answer = await http.PostAsync($"write?db={Database}&precision=ns", content);
            answer.EnsureSuccessStatusCode();
        }

        return lines.Fields / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<double> SinkAsync(Uri url, string folder, int round)
    {
        var writes = Writes("sink", round);
        var counted = new SeriesLines((_, _) => { });
        writes.ForEach(counted.Add);
        await using var sink = InfluxSink.Start(
            new InfluxSinkOptions { Server = new InfluxOptions { Url = url, Database = Database }, Spool = new SpoolOptions { Folder = folder } }, TimeProvider.System, NullLoggerFactory.Instance);
        var started = Stopwatch.GetTimestamp();
        // As the series writer hands them on: several writes in a batch.
        foreach (var batch in writes.Chunk(8))
        {
            await sink.AddAsync(batch);
        }

        while (sink.Spooled.Records > 0)
        {
            await Task.Delay(5);
        }

        var rate = counted.Fields / Stopwatch.GetElapsedTime(started).TotalSeconds;
        return sink.Counters.Accepted == sink.Spooled.AppendedLines && sink.Spooled.DroppedLines == 0
            ? rate
            : throw new InvalidOperationException("The server has not taken everything.");
    }
}
