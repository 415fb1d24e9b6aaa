using System.Globalization;
using TrainingMonitor.Client;
using TrainingMonitor.Load.Testing.Histories;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Load.Testing.Load;

/// <summary>Trains without training: sends the steps of a plan until it is told to end, from the newest checkpoint on, and writes its history.</summary>
public sealed class LoadTrainer : IDisposable
{
    private readonly TrainerPlan plan;
    private readonly TimeProvider time;
    private readonly HistoryWriter history;
    private readonly Witness witness;
    private readonly TrainingMonitorClient client;
    private volatile bool paused;
    private long reported = -1;

    /// <summary>Connects.</summary>
    public LoadTrainer(TrainerPlan plan, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(time);
        (this.plan, this.time) = (plan, time);
        Directory.CreateDirectory(plan.Folder);
        var start = Guid.NewGuid().ToString("N");
        history = new HistoryWriter(Path.Combine(plan.Folder, plan.HistoryPattern.Replace("*", string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow().UtcTicks}-{Environment.ProcessId}"), StringComparison.Ordinal)));
        witness = new Witness(history, time);
        witness.Know(start);
        Tell(HistoryKind.Started, start);
        client = TrainingMonitorClient.Start(new ClientOptions
        {
            Server = plan.Servers[0],
            OtherServers = [.. plan.Servers.Skip(1)],
            RunId = plan.RunId,
            Project = plan.Project,
            Rank = plan.Rank,
            WorldSize = plan.WorldSize,
            Process = new ReportedProcess(start, "trainmon-load", Environment.MachineName, Environment.ProcessId),
            Description = StepStream.Description(plan.PromiseSeconds),
            SpillFolder = plan.SpillFolder,
            ExitTimeout = TimeSpan.FromSeconds(60),
            Time = time,
            Say = words => Tell(HistoryKind.Said, words),
            Witness = witness.Stand,
        });
        client.SetLayers(StepStream.Table(plan.Layers));
    }

    /// <summary>The client is on; a trainer whose client is off has been refused.</summary>
    public bool IsOn => client.IsOn;

    /// <summary>Everything reported is durable.</summary>
    public bool IsSettled => witness.DurableStep >= Volatile.Read(ref reported);

    /// <summary>Trains until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(plan.StepMilliseconds), time);
            for (var step = ReadCheckpoint(); await pace.WaitForNextTickAsync(stop);)
            {
                if (paused)
                {
                    continue;
                }

                if (plan.CheckpointInterval > 0 && step % plan.CheckpointInterval == 0)
                {
                    await WriteCheckpointAsync(step);
                }

                client.Report(StepStream.Report(plan.RunId, plan.Rank, step, plan.Layers, plan.Story));
                Volatile.Write(ref reported, step++);
            }
        }
        catch (OperationCanceledException)
        {
            // Told to end.
        }
    }

    /// <summary>Stands still: nothing is reported from now on. Returns when everything before is durable.</summary>
    public async Task PauseAsync(CancellationToken stop)
    {
        paused = true;

        // A step that was being reported when the word came.
        await Task.Delay(TimeSpan.FromMilliseconds((2 * plan.StepMilliseconds) + 50), time, stop);
        while (!IsSettled)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, stop);
        }

        Tell(HistoryKind.Settled, "");
    }

    /// <summary>Goes on.</summary>
    public void Resume() => paused = false;

    /// <summary>Says goodbye and ends.</summary>
    public void Finish()
    {
        client.Finish(Goodbye.Types.Reason.Finished);
        Tell(HistoryKind.Finished, string.Create(CultureInfo.InvariantCulture, $"thinned {client.StepsThinned}"));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        client.Dispose();
        history.Dispose();
    }

    private int ReadCheckpoint() => plan.CheckpointInterval > 0 && File.Exists(plan.CheckpointFile) ? int.Parse(File.ReadAllText(plan.CheckpointFile), CultureInfo.InvariantCulture) : 0;

    private async Task WriteCheckpointAsync(int step)
    {
        await File.WriteAllTextAsync(plan.CheckpointFile + ".new", step.ToString(CultureInfo.InvariantCulture));
        File.Move(plan.CheckpointFile + ".new", plan.CheckpointFile, overwrite: true);
    }

    private void Tell(HistoryKind kind, string text) => history.Add(new HistoryEntry(kind, time.GetUtcNow()) { Text = text, Rank = (uint)plan.Rank });
}
