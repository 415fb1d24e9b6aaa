using System.Security.Cryptography;

namespace TrainingMonitor.Client.Connection;

/// <summary>Waits between attempts: 0.2 s, doubling to 30 s, each with jitter over its upper half, so that many trainers do not come back at once.</summary>
internal sealed class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.2), Longest = TimeSpan.FromSeconds(30);
    private int failures;

    /// <summary>The next wait.</summary>
    public TimeSpan Next()
    {
        var full = Math.Min(First.TotalSeconds * Math.Pow(2, Math.Min(failures++, 20)), Longest.TotalSeconds);
        return TimeSpan.FromSeconds(full * (0.5 + (RandomNumberGenerator.GetInt32(1000) / 2000.0)));
    }

    /// <summary>The server answered: start again from the shortest.</summary>
    public void Reset() => failures = 0;
}
