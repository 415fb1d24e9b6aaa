using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Server.Ingest;

/// <summary>Says once a run that the trainer's clock and the server's differ: then times of different machines do not line up.</summary>
internal sealed class ClockSkewWarning
{
    private const int Limit = 4096;
    private static readonly TimeSpan MostAhead = TimeSpan.FromSeconds(2);

    // A Hello that was long on its way, or waited for a busy server, looks like the Hello of a clock that is behind.
    private static readonly TimeSpan MostBehind = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<string, byte> said = new(StringComparer.Ordinal);

    public void Check(Hello hello, DateTimeOffset now, ILogger log)
    {
        if (hello.TimeUnixNs == 0)
            return;
        var skew = TimeSpan.FromTicks(hello.TimeUnixNs / 100) - (now - DateTimeOffset.UnixEpoch);
        if (skew <= MostAhead && skew >= -MostBehind)
            return;
        if (said.Count >= Limit)
            said.Clear();
        if (said.TryAdd(hello.RunId, 0))
            log.ClockSkew(hello.RunId, hello.Host, skew.TotalSeconds);
    }
}
