namespace TrainingMonitor.Cli.Recordings;

/// <summary>Keeps a replay to the trainer's own time, or a multiple of it.</summary>
/// <param name="speed">1: as it was; 10: ten times faster; infinity: as fast as the server takes it.</param>
/// <param name="time">Clock.</param>
internal sealed class ReplayPace(double speed, TimeProvider time)
{
    private const double NanosecondsPerSecond = 1e9;
    private readonly long startedAt = time.GetTimestamp();
    private long? firstStamp;

    /// <summary>Waits until a report with this stamp is due.</summary>
    public async Task UntilAsync(long timeUnixNs, CancellationToken stop)
    {
        firstStamp ??= timeUnixNs;
        var due = (timeUnixNs - firstStamp.Value) / NanosecondsPerSecond / speed;
        var wait = TimeSpan.FromSeconds(double.IsFinite(due) ? Math.Clamp(due, 0, TimeSpan.FromDays(30).TotalSeconds) : 0) - time.GetElapsedTime(startedAt);
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, stop);
        }
    }
}
