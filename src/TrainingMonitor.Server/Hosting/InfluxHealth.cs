using System.Diagnostics;
using TrainingMonitor.Storage.Influx;

namespace TrainingMonitor.Server.Hosting;

/// <summary>Puts the node's own numbers into the InfluxDB beside the series, at a fixed pace: a dashboard needs no second data source, and an outage of InfluxDB
/// itself is drawn afterwards, because the points wait in the spool like all others.</summary>
internal sealed class InfluxHealth : IAsyncDisposable
{
    private readonly CancellationTokenSource ending = new();
    private readonly Task loop;

    private InfluxHealth(InfluxSink sink, Func<IReadOnlyDictionary<string, double>> numbers, TimeSpan interval, TimeProvider time) =>
        loop = Task.Run(() => RunAsync(sink, numbers, interval, time));

    /// <summary>Starts it; the first point is written at once.</summary>
    /// <param name="sink">Where the points go.</param>
    /// <param name="numbers">The node's numbers of now.</param>
    /// <param name="interval">Pace.</param>
    /// <param name="time">Clock.</param>
    public static InfluxHealth Start(InfluxSink sink, Func<IReadOnlyDictionary<string, double>> numbers, TimeSpan interval, TimeProvider time) => new(sink, numbers, interval, time);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await loop;
        ending.Dispose();
    }

    private async Task RunAsync(InfluxSink sink, Func<IReadOnlyDictionary<string, double>> numbers, TimeSpan interval, TimeProvider time)
    {
        using var timer = new PeriodicTimer(interval, time);
        do
        {
            using var process = Process.GetCurrentProcess();
            var all = new Dictionary<string, double>(numbers(), StringComparer.Ordinal)
            {
                ["process_cpu_seconds_total"] = process.TotalProcessorTime.TotalSeconds,
                ["process_working_set_bytes"] = process.WorkingSet64,
            };
            sink.AddNumbers(Environment.MachineName, all);
        }
        while (await NextAsync(timer));
    }

    private async Task<bool> NextAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(ending.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
