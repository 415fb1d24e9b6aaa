using TrainingMonitor.Cluster.Tests.Kit;
using TrainingMonitor.Load.Testing.Load;

namespace TrainingMonitor.Cluster.Tests.Faults;

/// <summary>All faults of the suite.</summary>
internal static class FaultCatalog
{
    private static readonly TimeSpan Cut = TimeSpan.FromSeconds(60);

    public static IReadOnlyList<Fault> All { get; } =
    [
        new("kill", KillAsync),
        new("kill-each", KillEachAsync),
        new("freeze", FreezeAsync),
        new("cut-node", CutNodeAsync),
        new("cut-database", CutDatabaseAsync),
        new("cut-all-databases", CutAllDatabasesAsync),
        new("postgres-restart", PostgresRestartAsync),
        new("influx-restart", InfluxRestartAsync),
        new("rolling-restart", RollingRestartAsync),
        new("trainer-restart", TrainerRestartAsync),
        new("stall", StallAsync),
        new("resets", ResetsAsync),
        new("latency", LatencyAsync),
        new("disk-full", DiskFullAsync),
        new("orphan", OrphanAsync),
        new("clock-jump", ClockJumpAsync),
    ];

    /// <summary>A fault by its name; "nothing" is none, for the suite itself.</summary>
    public static Fault Named(string name) =>
        name == "nothing" ? new Fault(name, (_, _, stop) => Task.Delay(TimeSpan.FromSeconds(5), stop)) : All.Single(fault => fault.Name == name);

    private static NodeProcess Any(FaultScene scene, Random chance) => scene.Cluster.Nodes[chance.Next(scene.Cluster.Nodes.Count)];

    private static async Task KillAsync(FaultScene scene, Random chance, CancellationToken stop)
    {
        var node = Any(scene, chance);
        await scene.KillAsync(node, stop);
        await Task.Delay(TimeSpan.FromSeconds(chance.Next(1, 12)), stop);
        await node.StartAsync();
    }

    private static async Task KillEachAsync(FaultScene scene, Random chance, CancellationToken stop)
    {
        foreach (var node in scene.Cluster.Nodes)
        {
            await scene.KillAsync(node, stop);
            await Task.Delay(TimeSpan.FromSeconds(chance.Next(1, 12)), stop);
            await node.StartAsync();
            await scene.Cluster.ReadyAsync(stop);
            await Task.Delay(TimeSpan.FromSeconds(5), stop);
        }
    }

    // Longer than the others take to remove it: it wakes up as an owner that is none.
    private static async Task FreezeAsync(FaultScene scene, Random chance, CancellationToken stop)
    {
        var node = Any(scene, chance);
        await node.FreezeAsync();
        await Task.Delay(TimeSpan.FromSeconds(20), stop);
        await node.ThawAsync();
    }

    private static async Task CutNodeAsync(FaultScene scene, Random chance, CancellationToken stop)
    {
        var node = Any(scene, chance);
        scene.Cluster.Cut(node, off: true);
        await Task.Delay(Cut, stop);
        scene.Cluster.Cut(node, off: false);
    }

    private static async Task CutDatabaseAsync(FaultScene scene, Random chance, CancellationToken stop)
    {
        var node = Any(scene, chance);
        node.Postgres.Mode = _ => ProxyMode.Stall;
        await Task.Delay(Cut, stop);
        node.Postgres.Mode = _ => ProxyMode.Pass;
    }

    private static async Task CutAllDatabasesAsync(FaultScene scene, Random chance, CancellationToken stop)
    {
        foreach (var node in scene.Cluster.Nodes)
        {
            node.Postgres.Mode = _ => ProxyMode.Refuse;
            node.Postgres.Reset();
        }

        await Task.Delay(Cut, stop);
        foreach (var node in scene.Cluster.Nodes)
        {
            node.Postgres.Mode = _ => ProxyMode.Pass;
        }
    }

    private static async Task PostgresRestartAsync(FaultScene scene, Random chance, CancellationToken stop)
    {
        await scene.Cluster.Postgres.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(chance.Next(1, 15)), stop);
        await scene.Cluster.Postgres.RunAsync();
    }

    private static async Task InfluxRestartAsync(FaultScene scene, Random chance, CancellationToken stop)
    {
        await scene.Cluster.Influx.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(chance.Next(1, 30)), stop);
        await scene.Cluster.Influx.RecoverAsync();
    }

    private static async Task RollingRestartAsync(FaultScene scene, Random chance, CancellationToken stop)
    {
        foreach (var node in scene.Cluster.Nodes)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            limit.CancelAfter(TimeSpan.FromSeconds(35));
            (await node.StopAsync(limit.Token)).ShouldBe(0, node.Said);
            await node.StartAsync();
            await scene.Cluster.ReadyAsync(stop);
        }
    }

    private static async Task TrainerRestartAsync(FaultScene scene, Random chance, CancellationToken stop)
    {
        for (var i = 0; i < 3; i++)
        {
            await scene.Mortals.KillAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(chance.Next(0, 2000)), stop);
            await scene.Mortals.StartAsync(stop);
            await Task.Delay(TimeSpan.FromSeconds(chance.Next(2, 6)), stop);
        }
    }

    private static async Task StallAsync(FaultScene scene, Random chance, CancellationToken stop)
    {
        foreach (var proxy in TrainerWays(scene))
        {
            proxy.Mode = _ => ProxyMode.Stall;
        }

        await Task.Delay(TimeSpan.FromSeconds(chance.Next(5, 30)), stop);
        foreach (var proxy in TrainerWays(scene))
        {
            proxy.Mode = _ => ProxyMode.Pass;
        }
    }

    private static async Task ResetsAsync(FaultScene scene, Random chance, CancellationToken stop)
    {
        for (var i = 0; i < 10; i++)
        {
            foreach (var proxy in TrainerWays(scene).Concat(scene.Cluster.Nodes.SelectMany(node => new[] { node.Postgres, node.Influx, node.Remoting })).Where(_ => chance.Next(2) == 0))
            {
                proxy.Reset();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(chance.Next(100, 2000)), stop);
        }
    }

    private static async Task LatencyAsync(FaultScene scene, Random chance, CancellationToken stop)
    {
        var all = TrainerWays(scene).Concat(scene.Cluster.Nodes.SelectMany(node => new[] { node.Postgres, node.Influx, node.Remoting })).ToList();
        all.ForEach(proxy => proxy.Latency = TimeSpan.FromMilliseconds(100));
        await Task.Delay(TimeSpan.FromSeconds(30), stop);
        all.ForEach(proxy => proxy.Latency = TimeSpan.Zero);
    }

    // Of both databases. PostgreSQL may end by it, and is started again as a supervisor would; influxd 1.x stays and says that the disk is full until it is started again.
    private static async Task DiskFullAsync(FaultScene scene, Random chance, CancellationToken stop)
    {
        if (!scene.Cluster.Disk.IsSmall)
        {
            return; // filling the machine's own disk is worse than not testing it
        }

        var filler = scene.Cluster.Disk.File("filler");
        try
        {
            using var full = File.Create(filler, bufferSize: 0);
            for (var block = new byte[1 << 20]; ;)
            {
                full.Write(block);
            }
        }
        catch (IOException)
        {
            // Now it is.
        }

        await Task.Delay(TimeSpan.FromSeconds(chance.Next(10, 30)), stop);
        File.Delete(filler);
        await Task.Delay(TimeSpan.FromSeconds(5), stop);
        if (!await scene.Cluster.PostgresAnswersAsync(stop))
        {
            await scene.Cluster.Postgres.KillAsync();
            await scene.Cluster.Postgres.RunAsync();
        }

        await scene.Cluster.Influx.KillAsync();
        await scene.Cluster.Influx.RecoverAsync();
    }

    // A run whose only trainer and whose node die together: nobody is left who knows of it, and it is reported stalled all the same.
    private static async Task OrphanAsync(FaultScene scene, Random chance, CancellationToken stop)
    {
        var plan = scene.Plan("orphan", Story.Healthy) with { PromiseSeconds = 5 };
        var trainer = await scene.AddAsync("orphan", [plan], stop);
        NodeProcess? owner = null;
        while (owner is null)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), stop);
            foreach (var node in scene.Cluster.Nodes)
            {
                owner = (await scene.Cluster.OwnedAsync(node, stop)).Contains(plan.RunId) ? node : owner;
            }
        }

        await Task.Delay(TimeSpan.FromSeconds(3), stop);
        await Task.WhenAll(trainer.KillAsync(), scene.KillAsync(owner, stop));
        for (var waited = 0; !scene.Deliveries(plan.RunId).Any(told => told is { Rule: "stalled", Status: "firing" }); waited++)
        {
            waited.ShouldBeLessThan(90, $"nobody was told within 90 s that the orphan is stalled\n{scene.Cluster.Said}");
            await Task.Delay(TimeSpan.FromSeconds(1), stop);
        }

        await owner.StartAsync();
    }

    // The clock of one node is set, as by hand or by a time service that woke up: far ahead, far behind, and right again.
    private static async Task ClockJumpAsync(FaultScene scene, Random chance, CancellationToken stop)
    {
        var node = Any(scene, chance);
        foreach (var ahead in (TimeSpan[])[TimeSpan.FromHours(1), TimeSpan.FromHours(-1), TimeSpan.Zero])
        {
            node.SetClock(ahead);
            await Task.Delay(TimeSpan.FromSeconds(chance.Next(5, 20)), stop);
        }
    }

    private static IEnumerable<FaultProxy> TrainerWays(FaultScene scene) => scene.Cluster.Nodes.Select(node => node.Trainers).Append(scene.Cluster.Balancer);
}
