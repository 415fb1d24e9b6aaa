using Microsoft.Extensions.Logging;
using TrainingMonitor.Storage.Influx.Reading;

namespace TrainingMonitor.Storage.Influx.Writing;

/// <summary>Notices that an InfluxDB has lost what it had taken: after it was away, the positions that were committed before must still be there. 1.x loses them when it is started again after a
/// kill or a full disk and is then started once more (docs/influxdb.md).</summary>
/// <param name="stored">Reads the position of each run from the database.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Log.</param>
internal sealed class LossCheck(Func<CancellationToken, Task<Dictionary<string, long>>> stored, TimeProvider time, ILogger logger)
{
    // Positions of runs that have been quiet for longer may be gone because the database keeps nothing for longer.
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);
    private readonly Dictionary<string, (long Position, long At)> committed = new(StringComparer.Ordinal);
    private bool away;

    /// <summary>The database did not answer.</summary>
    public void Away() => away = true;

    /// <summary>The database has taken everything of a run up to a position.</summary>
    public void Committed(string runId, long position) => committed[runId] = (position, time.GetTimestamp());

    /// <summary>Before the first write after an absence: later the newest position would hide what is missing before it. A database that does not answer the question is asked before the next write.</summary>
    public async Task BeforeWriteAsync(CancellationToken cancellationToken)
    {
        if (!away)
        {
            return;
        }

        Dictionary<string, long> there;
        try
        {
            there = await stored(cancellationToken);
        }
        catch (InfluxQueryException)
        {
            return;
        }

        away = false;
        foreach (var runId in committed.Where(run => time.GetElapsedTime(run.Value.At) > Remembered).Select(run => run.Key).ToList())
        {
            committed.Remove(runId);
        }

        var lost = committed.Where(run => there.GetValueOrDefault(run.Key) < run.Value.Position).OrderBy(run => run.Key, StringComparer.Ordinal).ToList();
        if (lost.Count > 0)
        {
            var (runId, (position, _)) = lost[0];
            InfluxMessages.Lost(logger, lost.Count, runId, there.GetValueOrDefault(runId), position);
        }
    }
}
