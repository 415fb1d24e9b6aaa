using System.Text;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Log.Files;
using TrainingMonitor.Storage.Postgres.Log;
using TrainingMonitor.Storage.Shared;

namespace TrainingMonitor.Storage.Postgres;

/// <summary>The runs of a cluster in PostgreSQL.</summary>
internal sealed class PostgresRuns : ISharedRuns
{
    private readonly LogTable log;
    private readonly RunTable runs;
    private readonly SnapshotTable snapshots;
    private readonly Committer committer;

    public PostgresRuns(PostgresDatabase database, PostgresCounters counters, TimeProvider time)
    {
        log = new LogTable(database);
        runs = new RunTable(database);
        snapshots = new SnapshotTable(database);
        committer = new Committer(log, database.Options, counters, database.Logger, time);
    }

    public async Task<IOwnedRun> ClaimAsync(string runId, string owner, IFrameLogObserver observer, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(observer);
        Check(runId);
        var (epoch, position) = await runs.ClaimAsync(runId, owner, cancellationToken);
        var run = new OwnedRun(runId, epoch, position, observer, committer, snapshots);
        committer.Remember(run);
        return run;
    }

    public IAsyncEnumerable<FrameRecord> ReadAsync(string runId, long fromPosition, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        return log.ReadAsync(runId, fromPosition, cancellationToken);
    }

    public Task<IReadOnlyList<string>> OverdueAsync(TimeSpan grace, int limit, CancellationToken cancellationToken) => runs.OverdueAsync(grace, limit, cancellationToken);

    public ValueTask DisposeAsync() => committer.DisposeAsync();

    /// <summary>What the database's text cannot hold would fail at each try.</summary>
    private static void Check(string runId)
    {
        try
        {
            if (!runId.Contains('\0') && RecordFormat.Utf8.GetByteCount(runId) <= RecordFormat.MaxRunId)
            {
                return;
            }
        }
        catch (EncoderFallbackException)
        {
            // Said below.
        }

        throw new ArgumentException($"A run id has at most {RecordFormat.MaxRunId} bytes of valid Unicode without NUL.", nameof(runId));
    }
}
