using Akka.Actor;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Runs.Clustering.Messages;
using TrainingMonitor.Runs.Homes;
using TrainingMonitor.Runs.Hosting;
using TrainingMonitor.Runs.State;
using TrainingMonitor.Runs.Watching;
using TrainingMonitor.Storage.Log;
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
    private readonly List<(long Position, RunStream Stream, IStreamOpening Answer)> opening = [];
    private readonly CancellationTokenSource ending = new();
    private readonly Func<IFrameLogObserver, HeldRun>? held;
    private readonly RunMemory memory;
    private IRunHold hold = null!;
    private SnapshotKeeper snapshots = null!;
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
    private TimeSpan? promised;

    /// <summary>Starts the actor.</summary>
    /// <param name="node">What the actors share.</param>
    /// <param name="runId">The run.</param>
    /// <param name="held">Gives the run as it has been read back already; null: it is to be read.</param>
    public RunActor(NodeContext node, string runId, Func<IFrameLogObserver, HeldRun>? held)
    {
        (this.node, this.runId, this.held) = (node, runId, held);
        logger = node.Loggers.CreateLogger<RunActor>();
        observer = new LogObserver(Self, node.Metrics);
        outputs = new OutputQueue(node.Writer, Self);
        memory = new RunMemory(new RunStateMachine(runId));
        lastInput = node.Time.GetTimestamp();
    }

    public IStash Stash { get; set; } = null!;

    protected override void PreStart()
    {
        if (held is not null)
        {
            Ready(held(observer));
        }
        else if (node.Home.LoadsOnDemand)
        {
            node.Actors[runId] = Self;
            Become(Waiting);
        }
        else
        {
            Load();
        }
    }

    private void Load()
    {
        Become(Loading);
        _ = node.Home.LoadAsync(runId, observer, ending.Token)
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
            answer.Refused(new RpcException(status));
        }

        subscribers.ForEach(subscriber => subscriber.End());
        outputs.Abandon();
        hold?.Leave(stopping && IsSaved);
        ending.Cancel();
        node.Runs.Remove(runId);
        node.Actors.TryRemove(new KeyValuePair<string, IActorRef>(runId, Self));
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
                HandToStores();
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
                KeepLastState();
                break;
            case SnapshotFailed failed:
                snapshotFailed = true;
                snapshots.OnFailed();
                LogSnapshotFailed(runId, failed.Error);
                break;
            case LogFailed failed:
                OnLogFailed(failed.Error);
                break;
            case Fenced:
                OnFenced();
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
            case RunLoadFailed failed when node.Home.LoadsOnDemand:
                LoadFailed(failed.Error);
                break;
            case RunLoadFailed failed:
                // The supervisor stops this actor; its streams are told to connect again.
                throw new InvalidOperationException($"Run {runId} cannot be loaded: {failed.Error.Message}", failed.Error);
            case Tick:
                break;
            case IRunMessage waiting when Stash.Count >= MaxStashed:
                waiting.NoActor();
                break;
            case IToRun when Stash.Count >= MaxStashed:
                NotHere(message);
                break;
            default:
                Stash.Stash();
                break;
        }
    }

    private void Ready(HeldRun loaded)
    {
        (var run, hold) = loaded;
        memory.Replace(run.Machine);
        (last, durable) = (run.LastPosition, Math.Max(run.LastPosition, hold.DurablePosition));
        snapshots = new SnapshotKeeper(node, runId, Self, hold, run.SnapshotPosition, ending.Token);
        snapshots.Recovered(run.Inputs, HasEnded);
        foreach (var writes in run.TakeMissing())
        {
            outputs.Add(writes);
        }

        outputs.Send(durable);
        KeepLastState();
        Publish();
        Promise();
    }
}
