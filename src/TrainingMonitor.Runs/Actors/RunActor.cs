using Akka.Actor;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Runs.Hosting;
using TrainingMonitor.Runs.Recovery;
using TrainingMonitor.Runs.State;
using TrainingMonitor.Runs.Watching;
using Status = Grpc.Core.Status;

namespace TrainingMonitor.Runs.Actors;

/// <summary>One run: orders its inputs, logs them, applies them to the <see cref="RunStateMachine"/>, and hands on what they bring forth.</summary>
internal sealed partial class RunActor : UntypedActor, IWithUnboundedStash, IDisposable
{
    private const int OutputsAWrite = 512;
    private const int MaxStashed = 1000;

    private readonly NodeContext node;
    private readonly string runId;
    private readonly ILogger logger;
    private readonly LogObserver observer;
    private readonly OutputQueue outputs;
    private readonly RunOutput output = new();
    private readonly SortedDictionary<int, RankLink> links = [];
    private readonly List<RunSubscriber> subscribers = [];
    private readonly List<(long Position, RunStream Stream, TaskCompletionSource<Gateway.IRunStream> Answer)> opening = [];
    private readonly CancellationTokenSource ending = new();
    private RecoveredRun? recovered;
    private readonly RunMemory memory;
    private SnapshotKeeper snapshots;
    private long last;
    private long durable;
    private long lastInput;
    private long lastPublished;
    private int alertsPublished;
    private (long Step, long Since)? waiting;
    private (long Duplicates, long Gaps, long Refused) dropped;
    private bool flushQueued;
    private bool unpublished;
    private bool news;
    private bool logFailed;
    private bool logFailureTold;
    private bool snapshotFailed;
    private bool stopping;

    /// <summary>Starts the actor.</summary>
    /// <param name="node">What the actors share.</param>
    /// <param name="runId">The run.</param>
    /// <param name="recovered">The run as recovered; null: load it now.</param>
    public RunActor(NodeContext node, string runId, RecoveredRun? recovered)
    {
        (this.node, this.runId, this.recovered) = (node, runId, recovered);
        logger = node.Loggers.CreateLogger<RunActor>();
        observer = new LogObserver(Self, node.Metrics);
        outputs = new OutputQueue(node.Writer, Self);
        memory = new RunMemory(new RunStateMachine(runId));
        snapshots = new SnapshotKeeper(node, runId, Self, 0, 0, ending.Token);
        lastInput = node.Time.GetTimestamp();
    }

    public IStash Stash { get; set; } = null!;

    protected override void PreStart()
    {
        if (recovered is not null)
        {
            Ready(recovered);
            return;
        }

        Become(Loading);
        _ = RunLoader.LoadAsync(node, runId, ending.Token)
            .PipeTo(Self, success: run => new RunLoaded(run), failure: error => new RunLoadFailed(error));
    }

    protected override void PostStop()
    {
        var status = new Status(StatusCode.Unavailable, $"The server has ended its work on run {runId}; connect again.");
        foreach (var link in links.Values)
        {
            CloseStream(link, status);
        }

        foreach (var (_, _, answer) in opening)
        {
            answer.TrySetException(new RpcException(status));
        }

        subscribers.ForEach(subscriber => subscriber.End());
        ending.Cancel();
        node.Runs.Remove(runId);
    }

    /// <summary>Called by the actor system after the stop.</summary>
    public void Dispose() => ending.Dispose();

    protected override void OnReceive(object message)
    {
        try
        {
            Handle(message);
        }
        catch (Exception)
        {
            // The supervisor stops this actor; whoever waits for an answer to this very message gets one.
            (message as IRunMessage)?.NoActor();
            throw;
        }
    }

    private void Handle(object message)
    {
        switch (message)
        {
            case PostedFrame posted:
                OnFrame(posted);
                break;
            case Flush:
                flushQueued = false;
                HandOn();
                break;
            case DurableAdvanced:
                OnDurable();
                break;
            case Committed committed:
                outputs.Committed(committed.Position);
                outputs.Send(durable);
                snapshots.TrySave(durable, outputs);
                SendAcks();
                break;
            case Tick:
                OnTick();
                break;
            case OpenStream open:
                OnOpen(open);
                break;
            case StreamGone gone:
                OnGone(gone.Stream);
                break;
            case SnapshotSaved saved:
                snapshots.OnSaved(saved.Position, last, HasEnded);
                break;
            case SnapshotFailed failed:
                snapshotFailed = true;
                snapshots.OnFailed();
                LogSnapshotFailed(runId, failed.Error);
                break;
            case LogFailed failed:
                OnLogFailed(failed.Error);
                break;
            case StopRun:
                OnStop();
                break;
            default:
                OnReader(message);
                break;
        }

        if (stopping)
        {
            StopWhenDone();
        }
    }

    private void Loading(object message)
    {
        switch (message)
        {
            case RunLoaded loaded:
                Become(OnReceive);
                Ready(loaded.Run);
                Stash.UnstashAll();
                break;
            case RunLoadFailed failed:
                // The supervisor stops this actor; its streams are told to connect again.
                throw new InvalidOperationException($"Run {runId} cannot be loaded: {failed.Error.Message}", failed.Error);
            case Tick:
                break;
            case IRunMessage waiting when Stash.Count >= MaxStashed:
                waiting.NoActor();
                break;
            default:
                Stash.Stash();
                break;
        }
    }

    private void Ready(RecoveredRun run)
    {
        recovered = null;
        memory.Replace(run.Machine);
        (last, durable) = (run.LastPosition, Math.Max(run.LastPosition, node.Log.DurablePosition));
        snapshots = new SnapshotKeeper(node, runId, Self, run.SnapshotPosition, run.KeepFrom, ending.Token);
        snapshots.Recovered(run.Inputs, HasEnded);
        foreach (var writes in run.TakeMissing())
        {
            outputs.Add(writes);
        }

        outputs.Send(durable);
        Publish();
    }
}
