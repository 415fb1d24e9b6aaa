using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Hosting;
using TrainingMonitor.Runs.Tests.Kit;
using static TrainingMonitor.Runs.Tests.Kit.TestNode;

namespace TrainingMonitor.Runs.Tests.Actors;

public sealed class ReaderTests
{
    [Fact]
    public async Task A_quiet_run_is_stalled_by_the_clock_and_the_decision_is_in_the_log()
    {
        await using var node = await StartAsync();
        var trainer = new Trainer("r").Table().Steps(0, 3).Steps(3, 6);
        var (stream, session) = await node.SendAsync(trainer, 2);
        await UntilAsync(() => session.Durable == 2);
        await node.PassAsync(TimeSpan.FromSeconds(55));
        session.Alerts.ShouldBeEmpty();
        await node.PassAsync(TimeSpan.FromSeconds(10));
        await UntilAsync(() => session.Alerts.Count == 1);
        session.Alerts[0].Rule.ShouldBe("stalled");
        node.Gateway.LiveRuns.ShouldHaveSingleItem().State.ShouldBe(RunState.Stalled);
        Input.Parser.ParseFrom(node.Log.Read(4).Single().Body.Span).Clock.Kind.ShouldBe(ClockDecision.Types.Kind.Stalled);
        Post(stream, trainer.Frames.Skip(2));
        await UntilAsync(() => session.Alerts.Count == 2);
        session.Alerts[1].State.ShouldBe(AlertState.Resolved);
    }

    [Fact]
    public async Task A_run_at_rest_is_packed_and_goes_on_as_if_it_had_not_been()
    {
        await using var node = await StartAsync();
        var trainer = new Trainer("r").Table().Steps(0, 300, aFrame: 1).Goodbye();
        var sent = 0;
        foreach (var upTo in new[] { 2, 3, 150, trainer.Frames.Count })
        {
            var (stream, session) = await node.OpenAsync(trainer.Hello());
            Post(stream, trainer.Frames.Take(upTo).Skip(sent));
            sent = upTo;
            await UntilAsync(() => session.Durable == (ulong)sent);
            stream.Disconnected();
            var before = node.Gateway.Metrics["states_packed_total"];
            await UntilAsync(() =>
            {
                node.Time.Advance(TimeSpan.FromSeconds(1));
                return node.Gateway.Metrics["states_packed_total"] > before;
            });
        }

        var expected = new Feed("r").All(trainer);
        var detail = await node.Gateway.GetLiveAsync("r", TestContext.Current.CancellationToken);
        detail.ShouldNotBeNull().Estimates.ShouldBe(expected.Machine.Detail().Estimates);
        detail.LayerEstimates.ShouldBe(expected.Machine.Detail().LayerEstimates);
        var lines = Outcome.Of(expected.Output.Take("r", 1, "", null)).Order(StringComparer.Ordinal).ToList();
        await UntilAsync(() => node.Series.Written("r").Count == lines.Count);
        node.Series.Written("r").ShouldBe(lines);
    }

    [Fact]
    public async Task A_step_without_a_rank_is_closed_by_the_clock()
    {
        await using var node = await StartAsync();
        var trainer = new Trainer("r", 0, 2).Table().Steps(0, 3);
        await node.OpenAsync(new Trainer("r", 1, 2).Hello());
        var (_, session) = await node.SendAsync(trainer);
        await UntilAsync(() => session.Durable == 2);
        await node.PassAsync(TimeSpan.FromSeconds(40));
        await UntilAsync(() => node.Gateway.LiveRuns[0].Step == 2);
        var detail = await node.Gateway.GetLiveAsync("r", TestContext.Current.CancellationToken);
        detail.ShouldNotBeNull().Counters["steps_partial"].ShouldBe(3UL);
    }

    [Fact]
    public async Task A_watcher_gets_the_state_now_then_updates_and_the_end()
    {
        await using var node = await StartAsync();
        var trainer = new Trainer("r").Table().Steps(0, 30, aFrame: 1).Goodbye();
        var (stream, session) = await node.SendAsync(trainer, 5);
        await UntilAsync(() => session.Durable == 5);
        var updates = new List<RunUpdate>();
        var watch = Task.Run(async () =>
        {
            await foreach (var update in node.Gateway.WatchAsync("r", 1000, TestContext.Current.CancellationToken))
            {
                lock (updates)
                {
                    updates.Add(update);
                }
            }
        });
        await UntilAsync(() => Locked(updates, all => all.Count > 0));
        updates[0].Summary.Step.ShouldBe(3UL);
        updates[0].Estimates["loss"].ShouldBeGreaterThan(1);
        Post(stream, trainer.Frames.Skip(5));
        await UntilAsync(() =>
        {
            node.Time.Advance(TimeSpan.FromMilliseconds(200));
            return watch.IsCompleted;
        });
        updates[^1].Summary.State.ShouldBe(RunState.Finished);
        updates.Count.ShouldBeLessThan(40);
    }

    [Fact]
    public async Task A_slow_watcher_skips_states_but_no_alert()
    {
        await using var node = await StartAsync();
        var trainer = new Trainer("r").Table();
        for (var i = 0; i < 10; i++)
        {
            trainer.Steps(i, i + 1);
        }

        var (stream, session) = await node.SendAsync(trainer, 2);
        await UntilAsync(() => session.Durable == 2);
        await using var reader = node.Gateway.WatchAsync("r", 0.0001, TestContext.Current.CancellationToken).GetAsyncEnumerator();
        (await reader.MoveNextAsync()).ShouldBeTrue();
        for (var i = 2; i < 8; i++)
        {
            var alerts = session.Alerts.Count;
            await node.PassAsync(TimeSpan.FromSeconds(65));
            await UntilAsync(() => session.Alerts.Count > alerts);
            Post(stream, trainer.Frames.Skip(i).Take(1));
            await UntilAsync(() => session.Alerts.Count > alerts + 1);
        }

        var next = reader.MoveNextAsync().AsTask();
        await UntilAsync(() =>
        {
            node.Time.Advance(TimeSpan.FromHours(1));
            return next.IsCompleted;
        });
        reader.Current.Alerts.Select(alert => alert.Ordinal).Take(12).ShouldBe(Enumerable.Range(1, 12).Select(ordinal => (ulong)ordinal));
    }

    [Fact]
    public async Task Alerts_reach_readers_of_all_runs_and_of_one()
    {
        await using var node = await StartAsync();
        using var stop = new CancellationTokenSource();
        await using var all = node.Gateway.WatchAlertsAsync("", stop.Token).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        await using var one = node.Gateway.WatchAlertsAsync("b", stop.Token).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        foreach (var run in new[] { "a", "b" })
        {
            var (_, session) = await node.SendAsync(new Trainer(run).Table().Steps(0, 3));
            await UntilAsync(() => session.Durable == 2);
        }

        await node.PassAsync(TimeSpan.FromSeconds(65));
        (await one.MoveNextAsync()).ShouldBeTrue();
        one.Current.RunId.ShouldBe("b");
        var seen = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            (await all.MoveNextAsync()).ShouldBeTrue();
            seen.Add(all.Current.RunId);
        }

        seen.Order().ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task Advice_reaches_connected_trainers_only()
    {
        await using var node = await StartAsync();
        var advice = new Advice { ShouldStop = true };
        (await node.Gateway.AdviseAsync("r", advice, TestContext.Current.CancellationToken)).ShouldBeFalse();
        var (stream, session) = await node.OpenAsync(new Trainer("r").Hello());
        (await node.Gateway.AdviseAsync("r", advice, TestContext.Current.CancellationToken)).ShouldBeTrue();
        session.Advices.ShouldHaveSingleItem().ShouldStop.ShouldBeTrue();
        stream.Disconnected();
        await UntilAsync(() => node.Gateway.Metrics["streams"] == 0);
        (await node.Gateway.AdviseAsync("r", advice, TestContext.Current.CancellationToken)).ShouldBeFalse();
    }

    [Fact]
    public async Task An_ended_run_leaves_memory_with_a_snapshot_and_comes_back_for_a_new_attempt()
    {
        await using var node = await StartAsync(new MonitorNodeOptions { IdleTimeout = TimeSpan.FromSeconds(5) });
        var (stream, session) = await node.SendAsync(new Trainer("r").Table().Steps(0, 3).Goodbye());
        await UntilAsync(() => session.Durable == 3);
        stream.Disconnected();
        await UntilAsync(() =>
        {
            node.Time.Advance(TimeSpan.FromSeconds(1));
            return node.Gateway.LiveRuns.Count == 0;
        });
        (await node.Gateway.GetLiveAsync("r", TestContext.Current.CancellationToken)).ShouldBeNull();
        node.Series.Row("r").ShouldNotBeNull().Summary.State.ShouldBe(RunState.Finished);
        var again = new Trainer("r") { StartId = "b" }.Table().Steps(3, 6).Goodbye();
        var (second, secondSession) = await node.SendAsync(again);
        second.Welcome.Attempt.ShouldBe(1U);
        await UntilAsync(() => secondSession.Durable == 3);
        await UntilAsync(() => node.Series.Row("r")!.Segments.Count == 2);
    }

    private static TResult Locked<T, TResult>(List<T> list, Func<List<T>, TResult> read)
    {
        lock (list)
        {
            return read(list);
        }
    }
}
