using System.Diagnostics;
using System.Globalization;
using TrainingMonitor.Cluster.Tests.Checking;
using TrainingMonitor.Load.Testing.Histories;
using TrainingMonitor.Load.Testing.Load;
using TrainingMonitor.Notifications.Tests.Support;
using TrainingMonitor.Storage.Tests;

namespace TrainingMonitor.Cluster.Tests.Kit;

/// <summary>A cluster with a receiver of alerts, and load after load on it: what faults are done to.</summary>
internal sealed class FaultScene : IAsyncDisposable
{
    private static readonly TimeSpan CalmDown = TimeSpan.FromSeconds(150);
    private static readonly int More = int.Parse(Environment.GetEnvironmentVariable("TRAINMON_FAULT_RUNS") is { Length: > 0 } more ? more : "0", CultureInfo.InvariantCulture);
    private readonly TemporaryFolder folder;
    private readonly StubReceiver hook;
    private readonly EvidenceCollector collector;
    private readonly List<(DateTimeOffset At, HashSet<string> Runs)> kills = [];
    private readonly List<LoadProcess> current = [];
    private int rounds;
    private string prefix = "";

    private FaultScene(TemporaryFolder folder, StubReceiver hook, ClusterProcess cluster)
    {
        (this.folder, this.hook, Cluster) = (folder, hook, cluster);
        collector = new EvidenceCollector(cluster, hook);
    }

    public ClusterProcess Cluster { get; }

    /// <summary>Trainers of the newest load, by process.</summary>
    public IReadOnlyList<LoadProcess> Loads => current;

    /// <summary>Those of the newest load that may be killed.</summary>
    public LoadProcess Mortals => current[1];

    /// <summary>What the receiver of alerts was told of a run.</summary>
    public IReadOnlyList<Delivery> Deliveries(string runId) => collector.Deliveries(runId);

    /// <summary>For each rank of each run that a killed node had: the time from the kill until a server called a new frame of it durable. Of the newest load.</summary>
    public IReadOnlyList<TimeSpan> Failovers =>
    [
        .. from kill in kills
           from plan in Plans
           where kill.Runs.Contains(plan.RunId)
           from time in Failover.After(kill.At, LoadProcess.Histories(plan))
           select time,
    ];

    public static async Task<FaultScene> StartAsync(CancellationToken stop)
    {
        var place = new TemporaryFolder();
        var receiver = await StubReceiver.StartAsync();
        var config = place.File("notify.json");
        await File.WriteAllTextAsync(config, $$"""{ "receivers": [{ "name": "hook", "kind": "webhook", "url": "{{receiver.Url}}" }], "routes": [{ "receivers": ["hook"] }] }""", stop);
        return new FaultScene(place, receiver, await ClusterProcess.StartAsync(place.Path, ["--notify-config", config], stop));
    }

    /// <summary>New runs: healthy ones, ones with alerts, one of three ranks.</summary>
    /// <param name="name">Begins the ids of the runs.</param>
    /// <param name="stop">Cancels.</param>
    public async Task LoadAsync(string name, CancellationToken stop)
    {
        kills.Clear();
        current.Clear();
        prefix = $"{name}-{++rounds}";
        await AddAsync(
            "crowd",
            [
                Plan("calm-1", Story.Healthy), Plan("calm-2", Story.Healthy), Plan("calm-3", Story.Healthy) with { Servers = [At(Cluster.Balancer)] }, Plan("loud-1", Story.Memorizing), Plan("loud-2", Story.Memorizing),
                .. Enumerable.Range(1, More).Select(i => Plan($"more-{i}", Story.Healthy) with { Layers = 1, StepMilliseconds = 250 }),

                // The ranks begin at different nodes.
                .. Enumerable.Range(0, 3).Select(rank => Plan("ranks", Story.Healthy) with { Rank = rank, WorldSize = 3, Servers = [.. Nodes.Skip(rank), .. Nodes.Take(rank)] }),
            ],
            stop);
        await AddAsync("mortals", [Plan("mortal-calm", Story.Healthy), Plan("mortal-loud", Story.Memorizing)], stop);
    }

    /// <summary>A rank of a run of the newest load.</summary>
    public TrainerPlan Plan(string run, Story story) => new(Nodes, $"{prefix}-{run}", story, Directory.CreateDirectory(folder.File(prefix)).FullName) { StepMilliseconds = 100 };

    /// <summary>Further trainers of the newest load, in a process of their own.</summary>
    public async Task<LoadProcess> AddAsync(string name, IReadOnlyList<TrainerPlan> plans, CancellationToken stop)
    {
        var load = new LoadProcess(Path.Combine(Directory.CreateDirectory(folder.File(prefix)).FullName, name + ".json"), plans);
        current.Add(load);
        await load.StartAsync(stop);
        return load;
    }

    /// <summary>kill -9 of a node, and a note of the runs that it had.</summary>
    public async Task KillAsync(NodeProcess node, CancellationToken stop)
    {
        var runs = await Cluster.OwnedAsync(node, stop);
        await node.KillAsync();
        kills.Add((DateTimeOffset.UtcNow, [.. runs]));
    }

    /// <summary>Brings everything to rest and looks for violations. What takes time to arrive (points, notifications) is given it.</summary>
    public async Task<IReadOnlyList<Violation>> CheckAsync(CancellationToken stop)
    {
        var waited = Stopwatch.StartNew();
        using (var patience = CancellationTokenSource.CreateLinkedTokenSource(stop))
        {
            patience.CancelAfter(CalmDown);
            try
            {
                await Cluster.ReadyAsync(patience.Token);
                await Task.WhenAll(current.Where(load => !load.IsGone).Select(load => load.PauseAsync(patience.Token)));
            }
            catch (OperationCanceledException late) when (!stop.IsCancellationRequested)
            {
                throw new TimeoutException($"The cluster and its trainers have not come to rest within {CalmDown}.\n{string.Join('\n', Restless())}\n{Cluster.Said}", late);
            }
        }

        while (true)
        {
            var (violations, unanswered) = await LookAsync(stop);
            if ((violations.Count == 0 && unanswered is null) || waited.Elapsed > CalmDown + TimeSpan.FromSeconds(60))
            {
                return unanswered is null ? violations : throw new TimeoutException($"A node does not answer.\n{Cluster.Said}", unanswered);
            }

            await Task.Delay(TimeSpan.FromSeconds(1), stop);
        }
    }

    /// <summary>Ends the newest load.</summary>
    public async Task FinishAsync(CancellationToken stop)
    {
        foreach (var load in current.Where(load => !load.IsGone))
        {
            await load.FinishAsync(stop);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var load in current)
        {
            await load.DisposeAsync();
        }

        await Cluster.DisposeAsync();
        await hook.DisposeAsync();
        folder.Dispose();
    }

    // The last words of the trainers whose steps are not durable.
    private IEnumerable<string> Restless() =>
        from plan in Plans
        let history = LoadProcess.Histories(plan) is [.., var newest] ? newest : null
        where history is { IsSettled: false }
        select $"{plan.RunId} rank {plan.Rank}: {string.Join(" | ", history.Entries.Where(entry => entry.Kind is not HistoryKind.Frame and not HistoryKind.Ack).TakeLast(8).Select(entry => $"{entry.At:HH:mm:ss.fff} {entry.Kind} stream {entry.Stream} {entry.Text}"))}";

    private IEnumerable<TrainerPlan> Plans => current.SelectMany(load => load.Plans);

    private IReadOnlyList<Uri> Nodes => [.. Cluster.Nodes.Select(node => At(node.Trainers))];

    private static Uri At(FaultProxy proxy) => new($"http://127.0.0.1:{proxy.Port}");

    private async Task<(IReadOnlyList<Violation> Violations, Exception? Unanswered)> LookAsync(CancellationToken stop)
    {
        var violations = new List<Violation>();
        try
        {
            foreach (var run in Plans.GroupBy(plan => plan.RunId))
            {
                violations.AddRange(HistoryChecker.Check(await collector.CollectAsync(run.Key, [.. run.SelectMany(LoadProcess.Histories)], stop)));
            }

            return (violations, null);
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !stop.IsCancellationRequested)
        {
            return (violations, error);
        }
    }
}
