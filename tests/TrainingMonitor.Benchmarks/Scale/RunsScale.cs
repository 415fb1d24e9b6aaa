
namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>One embedded server with more and more concurrent runs: what a step costs, and what a run.</summary>
internal static class RunsScale
{
    private const int Layers = 20;

    // A run is old: its layer windows are wide. A young one writes a window each step.
    private const int Old = 100_000;
    private const double GiB = 1 << 30;

    private const string Head =
        """
        | runs | age, steps | steps/s | CPU µs/step, server | of one core | CPU µs/step, load generator | resident GiB (most) | heap alive, KiB/run | to durable, ms (median, p99) | behind at the end, steps | allocated, KiB/step | collections (0, 1, 2) | time paused |
        |---|---|---|---|---|---|---|---|---|---|---|---|---|

        """;

    /// <summary>Measures; a row a number of runs.</summary>
    /// <param name="log">Where the rows go as they come.</param>
    /// <param name="counts">Numbers of runs.</param>
    /// <param name="leastRate">Steps a second of all runs together, at least: with few runs each sends faster than once a second.</param>
    /// <param name="seconds">Time of each measurement.</param>
    /// <param name="young">Runs that have just begun.</param>
    public static async Task<List<RunsFigures>> RunAsync(TextWriter log, IReadOnlyList<int> counts, double leastRate, int seconds, bool young)
    {
        await log.WriteAsync(Head);
        var all = new List<RunsFigures>();
        foreach (var count in counts)
        {
            all.Add(await MeasureAsync(count, Math.Max(1, leastRate / count), seconds, young ? 0 : Old));
            await log.WriteLineAsync(all[^1].Row());
        }

        return all;
    }

    private static async Task<RunsFigures> MeasureAsync(int runs, double rate, int seconds, int age)
    {
        await using var server = await ScaleServer.EmbeddedAsync();
        var empty = await server.AliveAsync();
        await using var load = LoadProcess.Start(server.Address);
        await load.OpenAsync(runs, Layers, age);
        await load.PaceAsync(rate);

        // The JIT's turn, and a whole interval of snapshots.
        await Task.Delay(TimeSpan.FromSeconds(Math.Max(seconds / 2, 10)));
        await load.ReportAsync();
        var collector = await server.CollectorAsync();
        var (used, loading) = (ProcessFigures.Processor(server.Id), ProcessFigures.Processor(load.Id));
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var report = await load.ReportAsync();
        collector = await server.CollectorAsync() - collector;
        (used, loading) = (ProcessFigures.Processor(server.Id) - used, ProcessFigures.Processor(load.Id) - loading);
        var (resident, most) = (ProcessFigures.Resident(server.Id) / GiB, ProcessFigures.MostResident(server.Id) / GiB);
        var alive = (await server.AliveAsync() - empty) / 1024 / runs;
        return new RunsFigures(runs, age, report, used, loading, resident, most, alive, collector);
    }
}
