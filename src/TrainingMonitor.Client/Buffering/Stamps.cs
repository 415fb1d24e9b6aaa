namespace TrainingMonitor.Client.Buffering;

/// <summary>Time stamps of one rank: the clock, but at least 1 µs after the stamp before, so that no two points share a time and a clock set back does no harm.</summary>
internal sealed class Stamps(TimeProvider time)
{
    private long last;

    /// <summary>The next stamp: <paramref name="wanted"/> or, where that is 0, the clock. Not safe between threads.</summary>
    public long Next(long wanted) => last = Math.Max(wanted != 0 ? wanted : Now(time), last + 1000);

    /// <summary>Nanoseconds since the Unix epoch.</summary>
    public static long Now(TimeProvider time) => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
}
