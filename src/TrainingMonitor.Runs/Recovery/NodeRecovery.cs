using System.Buffers.Binary;
using System.Diagnostics;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Homes;
using TrainingMonitor.Storage.Snapshots;

namespace TrainingMonitor.Runs.Recovery;

/// <summary>Brings back every run that was alive when the node ended: docs/design/040.</summary>
internal sealed partial class NodeRecovery(EmbeddedHome home, int maxRuns)
{
    /// <summary>Key of the snapshot that holds the position below which every run's newest snapshot has all inputs. No run id has a slash.</summary>
    private const string MarkerKey = "node/scan-from";

    private readonly ILogger logger = home.Loggers.CreateLogger<NodeRecovery>();

    /// <summary>Recovers.</summary>
    public async Task<IReadOnlyList<RecoveredRun>> RunAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var positions = await home.Snapshots.PositionsAsync(cancellationToken);
        var loader = new RunLoader(
            home, await home.Series.CommittedPositionsAsync(cancellationToken), await home.Snapshots.FallbackPositionsAsync(cancellationToken));
        var runs = new Dictionary<string, RecoveredRun>(StringComparer.Ordinal);
        var records = 0L;
        foreach (var record in home.Log.Read(Math.Max(await MarkerAsync(cancellationToken), home.Log.FirstPosition)))
        {
            if (!runs.TryGetValue(record.RunId, out var run))
            {
                if (positions.GetValueOrDefault(record.RunId) >= record.Position)
                {
                    continue;
                }

                run = await loader.FromSnapshotAsync(record.RunId, cancellationToken);
                runs.Add(record.RunId, run);
            }

            Apply(run, record);
            records++;
        }

        await AddRunningAsync(runs, loader, cancellationToken);
        foreach (var run in runs.Values)
        {
            run.Complete();

            // Before anything releases the log; the run's actor goes on from here.
            home.Needs.Set(run.Machine.RunId, run.Inputs > 0 ? run.SnapshotPosition + 1 : long.MaxValue, run.KeepFrom);
        }

        LogRecovered(runs.Count, records, watch.Elapsed);
        return [.. runs.Values];
    }

    /// <summary>Remembers where the next start has to begin to read.</summary>
    public async Task SaveMarkerAsync(long position, CancellationToken cancellationToken)
    {
        var state = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(state, position);
        await home.Snapshots.SaveAsync(new Snapshot(MarkerKey, position, state), cancellationToken);
    }

    private void Apply(RecoveredRun run, in Storage.Log.FrameRecord record)
    {
        try
        {
            run.Apply(record);
        }
        catch (InvalidProtocolBufferException error)
        {
            // The log's checksum was right, so this was never a frame; the other runs must come back all the same.
            LogUnreadable(record.RunId, record.Position, error);
        }
    }

    private async Task<long> MarkerAsync(CancellationToken cancellationToken)
    {
        var marker = await home.Snapshots.LoadAsync(MarkerKey, cancellationToken);
        return marker?.State is { Length: 8 } state ? BinaryPrimitives.ReadInt64LittleEndian(state) : 0;
    }

    // Runs that were quiet have nothing in the log to wake them, but their promise to report still stands.
    private async Task AddRunningAsync(Dictionary<string, RecoveredRun> runs, RunLoader loader, CancellationToken cancellationToken)
    {
        foreach (var summary in await home.Series.ListRunsAsync("", maxRuns, cancellationToken))
        {
            if (summary.State == RunState.Running && !runs.ContainsKey(summary.RunId))
            {
                var run = await loader.FromSnapshotAsync(summary.RunId, cancellationToken);
                if (run.LastPosition > 0)
                {
                    runs.Add(summary.RunId, run);
                }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Recovered {Runs} runs from {Records} records of the frame log in {Elapsed}.")]
    private partial void LogRecovered(int runs, long records, TimeSpan elapsed);

    [LoggerMessage(Level = LogLevel.Error, Message = "Record {Position} of run {RunId} in the frame log does not parse; it is left out.")]
    private partial void LogUnreadable(string runId, long position, Exception error);
}
