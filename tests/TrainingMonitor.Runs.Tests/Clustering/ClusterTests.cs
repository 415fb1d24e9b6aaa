using Google.Protobuf;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Recovery;
using TrainingMonitor.Runs.State;
using TrainingMonitor.Runs.Tests.Kit;
using static TrainingMonitor.Runs.Tests.Kit.TestNode;

namespace TrainingMonitor.Runs.Tests.Clustering;

public sealed class ClusterTests
{
    private static Trainer Made(string run) => new Trainer(run).Table().Steps(0, 40).Goodbye();

    [Fact]
    public async Task A_run_is_the_same_through_whichever_node_its_trainer_speaks()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var elsewhere = await cluster.RunOfAsync(1);
        var expected = new Feed(elsewhere).All(Made(elsewhere));
        var (_, session) = await cluster.SendAsync(0, Made(elsewhere));
        await UntilAsync(() => session.Durable == (ulong)Made(elsewhere).Frames.Count);
        cluster.OwnerOf(elsewhere).ShouldBe(1);
        Replayed(cluster, elsewhere).ShouldBe(Convert.ToHexString(expected.Machine.Save()));
        await UntilAsync(() => cluster.Series.Written(elsewhere).Count == expected.Output.Count);
        cluster.Series.Written(elsewhere).ShouldBe(Lines(expected.Output, elsewhere));
    }

    [Fact]
    public async Task Every_node_answers_for_the_runs_of_all()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var (here, there) = (await cluster.RunOfAsync(0), await cluster.RunOfAsync(1));
        foreach (var node in cluster.Nodes)
        {
            foreach (var run in new[] { here, there })
            {
                (await node.Gateway.GetLiveAsync(run, TestContext.Current.CancellationToken)).ShouldNotBeNull().Summary.RunId.ShouldBe(run);
            }

            new[] { here, there }.ShouldBeSubsetOf((await node.Gateway.ListLiveAsync("", 100, TestContext.Current.CancellationToken)).Select(run => run.RunId));
            (await node.Gateway.ListLiveAsync("another", 100, TestContext.Current.CancellationToken)).ShouldBeEmpty();
            (await node.Gateway.GetLiveAsync("nobody", TestContext.Current.CancellationToken)).ShouldBeNull();
        }

        cluster.Shared.Epoch("nobody").ShouldBe(0, "a question must not claim a run");
    }

    [Fact]
    public async Task Updates_alerts_and_advice_cross_nodes()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var run = await cluster.RunOfAsync(1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var seen = new List<RunUpdate>();
        var watching = Task.Run(
            async () =>
            {
                await foreach (var update in cluster.Nodes[0].Gateway.WatchAsync(run, 100, stop.Token))
                {
                    seen.Add(update);
                }
            },
            TestContext.Current.CancellationToken);
        await using var alerts = cluster.Nodes[0].Gateway.WatchAlertsAsync("", stop.Token).GetAsyncEnumerator(stop.Token);
        await UntilAsync(() => seen.Count > 0);

        var trainer = new Trainer(run).Table().Steps(0, 20);
        var (_, session) = await cluster.SendAsync(1, trainer);
        (await cluster.Nodes[0].Gateway.AdviseAsync(run, new Advice { ShouldStop = true }, stop.Token)).ShouldBeTrue();
        await UntilAsync(() => session.Advices.Any(advice => advice.ShouldStop));
        (await cluster.Nodes[0].Gateway.AdviseAsync("nobody", new Advice(), stop.Token)).ShouldBeFalse();

        // A trainer that falls silent: the alert is raised at the run's node, and read at the other.
        var next = new Trainer(run) { StartId = "start-2" }.Table().Steps(0, 5);
        var hello = next.Hello();
        hello.Description.ReportPromiseSeconds = 0.5;
        var (stream, quiet) = await cluster.OpenAsync(0, hello);
        Post(stream, next.Frames);
        await UntilAsync(() => quiet.Alerts.Any(alert => alert.Rule == "stalled"));
        (await alerts.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), stop.Token)).ShouldBeTrue();
        (alerts.Current.RunId, alerts.Current.Rule).ShouldBe((run, "stalled"));
        Post(stream, next.Goodbye().Frames.TakeLast(1));
        await watching.WaitAsync(TimeSpan.FromSeconds(20), stop.Token);
        seen[^1].Summary.State.ShouldBe(RunState.Finished);
    }

    [Fact]
    public async Task Ranks_at_different_nodes_meet_in_one_run()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        Trainer[] ranks = [.. Enumerable.Range(0, 3).Select(rank => new Trainer("ranks", rank, 3).Table().Steps(0, 30).Goodbye())];
        var sessions = await Task.WhenAll(ranks.Select((trainer, node) => cluster.SendAsync(node, trainer)));
        await UntilAsync(() => sessions.All(open => open.Session.Durable == (ulong)ranks[0].Frames.Count));
        var detail = await cluster.Nodes[2].Gateway.GetLiveAsync("ranks", TestContext.Current.CancellationToken);
        detail.ShouldNotBeNull().Summary.State.ShouldBe(RunState.Finished);
        detail.Summary.Step.ShouldBe(29UL);

        var together = new RunOutput();
        RunReplay.Run("ranks", cluster.Shared.Records("ranks"), together);
        await UntilAsync(() => cluster.Series.Written("ranks").Count == together.Count);
        cluster.Series.Written("ranks").ShouldBe(Lines(together, "ranks"));
    }

    [Fact]
    public async Task Frames_larger_than_a_message_between_nodes_arrive_whole()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var run = await cluster.RunOfAsync(1);
        var trainer = new Trainer(run, layers: 9000) { StartId = "large" }.Table().Steps(0, 6, aFrame: 2).Goodbye();
        trainer.Frames.Max(frame => frame.CalculateSize()).ShouldBeGreaterThan(200_000);
        var (_, session) = await cluster.SendAsync(0, trainer);
        await UntilAsync(() => session.Durable == (ulong)trainer.Frames.Count);
        cluster.Shared.Records(run).Where(record => record.Attempt == 1 && record.Kind == Storage.Log.FrameRecordKind.Frame).Select(record => Convert.ToHexString(record.Body.Span))
            .ShouldBe(trainer.Frames.Select(frame => Convert.ToHexString(frame.ToByteArray())));
    }

    [Fact]
    public async Task A_node_that_leaves_hands_its_runs_over()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var run = await cluster.RunOfAsync(1);
        var trainer = Made(run);
        var (_, session) = await cluster.SendAsync(0, trainer, 8);
        await UntilAsync(() => session.Durable == 8);
        await cluster.Nodes[1].DisposeAsync();
        session.Closed.ShouldNotBeNull().StatusCode.ShouldBe(Grpc.Core.StatusCode.Unavailable);
        cluster.Shared.Newest(run).ShouldNotBeNull().Position.ShouldBe(cluster.Shared.Records(run).Count, "it leaves with a snapshot of everything");

        var (stream, after) = await cluster.SendAsync(0, trainer);
        stream.Welcome.ResumeAfter.ShouldBe(8UL);
        stream.Welcome.FencingEpoch.ShouldBeGreaterThan(1UL);
        await UntilAsync(() => after.Durable == (ulong)trainer.Frames.Count);
        cluster.OwnerOf(run).ShouldBe(0);
        var expected = new Feed(run).All(Made(run));
        Replayed(cluster, run).ShouldBe(Convert.ToHexString(expected.Machine.Save()));
        await UntilAsync(() => cluster.Series.Written(run).Count == expected.Output.Count);
        cluster.Series.Written(run).ShouldBe(Lines(expected.Output, run));
    }

    [Fact]
    public async Task Whoever_lost_a_run_writes_nothing_more_and_sends_its_trainers_away()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var trainer = Made("r");
        var (stream, session) = await cluster.SendAsync(0, trainer, 5);
        await UntilAsync(() => session.Durable == 5);
        var records = cluster.Shared.Records("r").Count;
        var thief = await cluster.Shared.ClaimAsync("r", "another", new Nobody(), TestContext.Current.CancellationToken);
        Post(stream, trainer.Frames.Skip(5));
        await UntilAsync(() => session.Closed is { StatusCode: Grpc.Core.StatusCode.Unavailable });
        await UntilAsync(() => cluster.Nodes[0].Gateway.LiveRuns.Count == 0);
        cluster.Shared.Records("r").Count.ShouldBe(records);
        thief.Epoch.ShouldBe(2);

        var (back, again) = await cluster.SendAsync(0, trainer);
        back.Welcome.FencingEpoch.ShouldBe(3UL);
        await UntilAsync(() => again.Durable == (ulong)trainer.Frames.Count);
    }

    [Fact]
    public async Task A_run_whose_node_and_trainer_are_gone_is_reported_stalled()
    {
        var shared = await HalfARunAsync();
        await using var cluster = new TestCluster();
        await CopyAsync(shared, cluster.Shared, "lonely");
        cluster.Shared.Overdue.Add("lonely");
        await TestCluster.StartAsync(1, cluster);
        await UntilAsync(() => cluster.Series.Row("lonely")?.Summary.State == RunState.Stalled);
        cluster.Series.Written("lonely").ShouldContain(line => line.StartsWith("alert", StringComparison.Ordinal));
        cluster.Shared.Promised("lonely").ShouldBeNull();
    }

    [Fact]
    public async Task A_node_without_runs_takes_trainers_and_readers_of_all()
    {
        var started = 0;
        await using var cluster = new TestCluster { Configure = options => options with { HasRuns = started++ == 0 } };
        await TestCluster.StartAsync(2, cluster);
        foreach (var run in Enumerable.Range(0, 6).Select(i => $"run-{i}"))
        {
            var (_, session) = await cluster.SendAsync(1, Made(run));
            await UntilAsync(() => session.Durable == (ulong)Made(run).Frames.Count);
            cluster.OwnerOf(run).ShouldBe(0);
            (await cluster.Nodes[1].Gateway.GetLiveAsync(run, TestContext.Current.CancellationToken)).ShouldNotBeNull().Summary.State.ShouldBe(RunState.Finished);
        }
    }

    [Fact]
    public async Task A_run_that_cannot_be_read_refuses_its_trainers_for_now()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        cluster.Shared.ReadFailure = new IOException("away");
        var refused = await Should.ThrowAsync<Grpc.Core.RpcException>(() => cluster.Nodes[0].Gateway.OpenAsync(Made("r").Hello(), new TestSession(), TestContext.Current.CancellationToken));
        refused.StatusCode.ShouldBe(Grpc.Core.StatusCode.Unavailable);
        cluster.Shared.ReadFailure = null;
        var (_, session) = await cluster.SendAsync(0, Made("r"));
        await UntilAsync(() => session.Durable == (ulong)Made("r").Frames.Count);
    }

    [Fact]
    public async Task A_trainer_at_the_wrong_node_is_sent_to_the_right_one_once()
    {
        await using var cluster = new TestCluster { NodeOptions = node => new() { Ingest = $"http://node-{node}:4650" } };
        await TestCluster.StartAsync(2, cluster);
        var run = await cluster.RunOfAsync(1);
        var (_, first) = await cluster.OpenAsync(0, Made(run).Hello());
        await UntilAsync(() => first.Away is { ReconnectTo: "http://node-1:4650" });
        var (_, second) = await cluster.SendAsync(0, Made(run));
        await UntilAsync(() => second.Durable == (ulong)Made(run).Frames.Count);
        second.Away.ShouldBeNull("it came back: the other node cannot be reached from there");
    }

    private static string Replayed(TestCluster cluster, string run) =>
        Convert.ToHexString(RunReplay.Run(run, cluster.Shared.Records(run), new RunOutput()).Save());

    private static List<string> Lines(RunOutput output, string run) => [.. Outcome.Of(output.Take(run, 1, "tests", null)).Order(StringComparer.Ordinal)];

    private static async Task<MemoryShared> HalfARunAsync()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var (_, session) = await cluster.SendAsync(0, Made("lonely"), 6);
        await UntilAsync(() => session.Durable == 6);
        return cluster.Shared;
    }

    private static async Task CopyAsync(MemoryShared from, MemoryShared to, string run)
    {
        var owned = await to.ClaimAsync(run, "copy", new Nobody(), CancellationToken.None);
        foreach (var record in from.Records(run))
        {
            owned.Append(record.Kind, record.Attempt, record.Rank, record.Body.Span);
        }
    }

    private sealed class Nobody : Storage.Log.IFrameLogObserver
    {
        public void OnDurable(long position)
        {
            // Nobody listens.
        }

        public void OnFailed(Exception error)
        {
            // Nobody listens.
        }
    }
}
