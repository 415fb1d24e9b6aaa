using System.Collections.Concurrent;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.Clustering;

/// <summary>Sends a trainer to the node of its run, once a minute at most: one that comes back cannot reach that node, and is served through this one.</summary>
internal sealed class Redirects(TimeProvider time)
{
    private const int Limit = 65_536;
    private static readonly TimeSpan Once = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<(string Run, uint Rank), long> sent = new();
    private long count;

    public long Count => Volatile.Read(ref count);

    public bool Should(Hello hello, string ingest)
    {
        var key = (hello.RunId, hello.Rank);
        if (ingest.Length == 0 || (sent.TryGetValue(key, out var last) && time.GetElapsedTime(last) < Once))
        {
            return false;
        }

        if (sent.Count >= Limit)
        {
            sent.Clear();
        }

        sent[key] = time.GetTimestamp();
        Interlocked.Increment(ref count);
        return true;
    }
}
