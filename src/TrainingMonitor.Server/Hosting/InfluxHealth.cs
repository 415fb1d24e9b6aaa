using System.Diagnostics;
using System.Net.Sockets;

namespace TrainingMonitor.Server.Hosting;

/// <summary>Puts the node's own numbers into the InfluxDB beside the series, at a fixed pace: a dashboard needs no second data source, and an outage of InfluxDB
/// itself is drawn afterwards where the points wait in a spool like all others; without one (a cluster) the points of that time are missing.</summary>
internal sealed class InfluxHealth : IAsyncDisposable
{
    private readonly CancellationTokenSource ending = new();
    private readonly Task loop;

    private InfluxHealth(Func<IReadOnlyDictionary<string, double>, CancellationToken, Task> write, Func<IReadOnlyDictionary<string, double>> numbers, TimeSpan interval, TimeProvider time) =>
        loop = Task.Run(() => RunAsync(write, numbers, interval, time));

    /// <summary>Starts it; the first point is written at once.</summary>
    /// <param name="write">Writes a point; what it throws lets the point go.</param>
    /// <param name="numbers">The node's numbers of now.</param>
    /// <param name="interval">Pace.</param>
    /// <param name="time">Clock.</param>
    public static InfluxHealth Start(Func<IReadOnlyDictionary<string, double>, CancellationToken, Task> write, Func<IReadOnlyDictionary<string, double>> numbers, TimeSpan interval, TimeProvider time) =>
        new(write, numbers, interval, time);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await loop;
        ending.Dispose();
    }

    private async Task RunAsync(Func<IReadOnlyDictionary<string, double>, CancellationToken, Task> write, Func<IReadOnlyDictionary<string, double>> numbers, TimeSpan interval, TimeProvider time)
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
            try
            {
                await write(all, ending.Token);
            }
            catch (Exception error) when (error is IOException or HttpRequestException or SocketException or OperationCanceledException)
            {
                // The next point is tried. The writer of the series says it, and more is at stake for it.
            }
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
