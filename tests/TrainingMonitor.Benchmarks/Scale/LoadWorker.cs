using System.Diagnostics;
using System.Globalization;

namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>The load generator's side of <see cref="LoadProcess"/>: does what it is told on its standard input, line by line.</summary>
internal static class LoadWorker
{
    private const int OpeningAtOnce = 64;
    private const int Stride = 37;
    private const int Spread = 512;
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(5);

    /// <summary>Commands: "open RUNS LAYERS AGE FOLLOW", "send STEPS" (each run, as fast as it goes), "pace STEPS-A-SECOND" (each run), "report" (since the last one), "close".</summary>
    public static async Task RunAsync(IReadOnlyList<Uri> servers)
    {
        var latencies = new LatencyHistogram();
        List<LoadRun> runs = [];
        using var pacing = new CancellationTokenSource();
        var (seen, since) = (0UL, Stopwatch.GetTimestamp());
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ');
            switch (words[0])
            {
                case "open":
                    runs = [.. Enumerable.Range(0, Number(words[1])).Select(i => new LoadRun(servers[i % servers.Count], Number(words[2]), Age(Number(words[3]), i), latencies))];
                    await Parallel.ForEachAsync(runs, new ParallelOptions { MaxDegreeOfParallelism = OpeningAtOnce }, async (run, _) => await run.OpenAsync(words[4] == "follow"));
                    Console.WriteLine("opened");
                    break;
                case "send":
                    since = Stopwatch.GetTimestamp();
                    await Task.WhenAll(runs.Select(run => Task.Run(() => run.SendAsync(Number(words[1])))));
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"sent {Stopwatch.GetElapsedTime(since).TotalSeconds}"));
                    break;
                case "pace":
                    _ = Task.Factory.StartNew(() => Pace(runs, double.Parse(words[1], CultureInfo.InvariantCulture), pacing.Token), default, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                    break;
                case "report":
                    var durable = runs.Aggregate(0UL, (sum, run) => sum + run.Durable);
                    Console.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"report {durable - seen} {Stopwatch.GetElapsedTime(since).TotalSeconds} {latencies.Quantile(0.5)} {latencies.Quantile(0.99)} {runs.Sum(run => run.Late)}"));
                    (seen, since) = (durable, Stopwatch.GetTimestamp());
                    latencies.Clear();
                    break;
                case "close":
                    await Parallel.ForEachAsync(runs, async (run, _) => await run.DisposeAsync());
                    runs = [];
                    Console.WriteLine("closed");
                    break;
                default:
                    throw new InvalidOperationException($"'{line}' is no command.");
            }
        }
    }

    // Runs are due one after the other, evenly over each interval, as those of many trainers are.
    private static void Pace(List<LoadRun> runs, double rate, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        for (var next = 0L; !cancellationToken.IsCancellationRequested;)
        {
            for (var due = (long)(Stopwatch.GetElapsedTime(started).TotalSeconds * rate * runs.Count); next < due; next++)
            {
                runs[(int)(next % runs.Count)].Due();
            }

            Thread.Sleep(Beat);
        }
    }

    // So that windows of many runs do not all close at once.
    private static ulong Age(int age, int run) => age == 0 ? 0 : (ulong)(age + (run * Stride % Spread));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
