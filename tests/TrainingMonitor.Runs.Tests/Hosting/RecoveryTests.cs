using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Hosting;
using TrainingMonitor.Runs.Recovery;
using TrainingMonitor.Runs.State;
using TrainingMonitor.Runs.Tests.Kit;
using static TrainingMonitor.Runs.Tests.Kit.TestNode;

namespace TrainingMonitor.Runs.Tests.Hosting;

public sealed class RecoveryTests
{
    private static readonly MonitorNodeOptions Options = new() { SnapshotInputs = 7 };

    private static Trainer Made(string run = "r", int seed = 1) => new Trainer(run, seed: seed).Table().Steps(0, 40, aFrame: 2).Probe(39, 30)
        .Steps(20, 60, aFrame: 2).Scalar(59, "bleu", 0.3).Steps(60, 80, aFrame: 3).Goodbye();

    private static List<string> Ideal(Trainer trainer)
    {
        var feed = new Feed(trainer.RunId).All(trainer);
        return [.. Outcome.Of(feed.Output.Take(trainer.RunId, 1, "", null)).Order(StringComparer.Ordinal)];
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Kills_at_random_moments_leave_the_same_points_and_state_as_no_kill(int seed)
    {
        var random = new Random(seed);
        var trainers = new[] { Made("a"), Made("b", seed: 2) };
        var node = await StartAsync(Options);
        var nodes = new List<TestNode> { node };
        for (var kill = 0; kill < 6; kill++)
        {
            node.Log.Auto = random.Next(3) > 0;
            foreach (var trainer in trainers)
            {
                // The log is let go for the opening, and then for a part of what follows.
                var opening = node.OpenAsync(trainer.Hello());
                await UntilAsync(() =>
                {
                    node.Log.MakeDurable();
                    return opening.IsCompleted;
                });
                var (stream, _) = await opening;
                Post(stream, trainer.Frames.Skip((int)stream.Welcome.ResumeAfter).Take(random.Next(14)));
            }

            for (var i = random.Next(6); i >= 0; i--)
            {
                await Task.Delay(random.Next(40), TestContext.Current.CancellationToken);
                node.Time.Advance(TimeSpan.FromSeconds(1));
                node.Log.MakeDurable(node.Log.DurablePosition + random.Next(8));
            }

            node = await StartAsync(Options, after: node);
            nodes.Add(node);
        }

        foreach (var trainer in trainers)
        {
            var (stream, session) = await node.SendAsync(trainer);
            await UntilAsync(() => Math.Max(session.Durable, stream.Welcome.Durable) == (ulong)trainer.Frames.Count);
            var ideal = Ideal(trainer);
            await UntilAsync(() => node.Series.Written(trainer.RunId).Count >= ideal.Count);
            node.Series.Written(trainer.RunId).ShouldBe(ideal);

            // A fresh state fed the log's stream is the state that went through the kills.
            var replayed = RunReplay.Run(trainer.RunId, node.Log.Read(1, trainer.RunId), new RunOutput());
            await UntilAsync(() => node.Snapshots.LoadAsync(trainer.RunId, default).Result?.Position == node.Log.Read(1, trainer.RunId).Last().Position);
            (await node.Snapshots.LoadAsync(trainer.RunId, default))!.State.ShouldBe(replayed.Save());
        }

        foreach (var used in nodes)
        {
            await used.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_stop_saves_everything_and_the_next_start_reads_no_log()
    {
        var node = await StartAsync(Options);
        var trainer = Made();
        var (_, session) = await node.SendAsync(trainer, 10);
        await UntilAsync(() => session.Durable == 10);
        await node.DisposeAsync();
        session.Closed.ShouldNotBeNull().StatusCode.ShouldBe(Grpc.Core.StatusCode.Unavailable);
        (await node.Snapshots.LoadAsync("r", default)).ShouldNotBeNull().Position.ShouldBe(11);

        await using var next = await StartAsync(Options, after: node);
        next.Gateway.LiveRuns.ShouldHaveSingleItem().State.ShouldBe(RunState.Running);
        var (stream, again) = await next.SendAsync(trainer);
        stream.Welcome.ResumeAfter.ShouldBe(10UL);
        stream.Welcome.Durable.ShouldBe(10UL);
        var ideal = Ideal(trainer);
        await UntilAsync(() => next.Series.Written("r").Count == ideal.Count);
        next.Series.Written("r").ShouldBe(ideal);
        again.Closed.ShouldBeNull();
    }

    [Fact]
    public async Task A_damaged_snapshot_is_kept_aside_and_the_older_one_with_the_log_gives_the_same_state()
    {
        var node = await StartAsync(Options);
        var trainer = Made();
        var (_, session) = await node.SendAsync(trainer, 30);
        await UntilAsync(() => session.Durable == 30);
        await UntilAsync(() =>
        {
            node.Time.Advance(TimeSpan.FromSeconds(1));
            return node.Gateway.Metrics["snapshots_total"] >= 1;
        });
        await node.DisposeAsync();
        node.Snapshots.Damage("r");
        await using var next = await StartAsync(Options, after: node);

        // Nothing in the log is beyond the damaged snapshot, but the run is known to be running.
        next.Snapshots.Rejected.Count.ShouldBe(1);
        var (stream, _) = await next.SendAsync(trainer);
        stream.Welcome.ResumeAfter.ShouldBe(30UL);
        var ideal = Ideal(trainer);
        await UntilAsync(() => next.Series.Written("r").Count >= ideal.Count);
        next.Series.Written("r").ShouldBe(ideal);
    }

    [Fact]
    public async Task The_log_of_the_fallback_snapshot_is_kept_when_quiet_and_after_a_restart()
    {
        var node = await StartAsync(Options);
        var trainer = Made();
        var (stream, session) = await node.SendAsync(trainer, 10);
        await UntilAsync(() => session.Durable == 10);
        await SnapshotAsync(node, 1);
        var fallback = node.Log.LastPosition;
        Post(stream, trainer.Frames.Skip(10).Take(10));
        await UntilAsync(() => session.Durable == 20);
        await SnapshotAsync(node, 2);
        await node.PassAsync(TimeSpan.FromSeconds(3));
        await UntilAsync(() => node.Log.Released == fallback + 1);

        await using var next = await StartAsync(Options, after: node);
        await node.DisposeAsync();
        node.Log.Released.ShouldBe(fallback + 1);
        await UntilAsync(() =>
        {
            next.Time.Advance(TimeSpan.FromSeconds(1));
            return next.Log.Released != 0;
        });
        next.Log.Released.ShouldBe(fallback + 1);
        (stream, session) = await next.SendAsync(trainer, 25);
        await UntilAsync(() => session.Durable == 25);
        await next.PassAsync(TimeSpan.FromSeconds(3));
        next.Log.Released.ShouldBe(fallback + 1);

        static Task SnapshotAsync(TestNode node, int count) => UntilAsync(() =>
        {
            node.Time.Advance(TimeSpan.FromSeconds(1));
            return node.Gateway.Metrics["snapshots_total"] >= count;
        });
    }

    [Fact]
    public async Task A_quiet_run_is_stalled_after_a_restart_counted_from_the_start()
    {
        var node = await StartAsync(Options);
        var (_, session) = await node.SendAsync(Made(), 10);
        await UntilAsync(() => session.Durable == 10);
        await using var next = await StartAsync(Options, after: node);
        await node.DisposeAsync();
        await next.PassAsync(TimeSpan.FromSeconds(55));
        next.Gateway.LiveRuns.ShouldHaveSingleItem().State.ShouldBe(RunState.Running);
        await next.PassAsync(TimeSpan.FromSeconds(10));
        await UntilAsync(() => next.Gateway.LiveRuns[0].State == RunState.Stalled);
    }

    [Fact]
    public async Task The_log_is_released_up_to_what_the_oldest_run_needs()
    {
        await using var node = await StartAsync(Options);
        var trainer = Made("a");
        var (_, session) = await node.SendAsync(trainer);
        await UntilAsync(() => session.Durable == (ulong)trainer.Frames.Count);
        await UntilAsync(() =>
        {
            node.Time.Advance(TimeSpan.FromSeconds(1));
            return node.Log.Released == node.Log.LastPosition + 1;
        });
        node.Log.Auto = false;
        var next = node.Log.LastPosition + 1;
        var opening = node.OpenAsync(Made("b").Hello());
        await UntilAsync(() => node.Log.LastPosition == next);
        node.Log.MakeDurable();
        await opening;
        var (stream, _) = await opening;
        Post(stream, Made("b").Frames.Take(3));
        await UntilAsync(() => node.Log.LastPosition == next + 3);
        node.Log.MakeDurable();
        await node.PassAsync(TimeSpan.FromSeconds(2));
        node.Log.Released.ShouldBe(next);
    }
}
