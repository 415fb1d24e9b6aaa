using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Gateway;
using TrainingMonitor.Runs.Hosting;
using TrainingMonitor.Runs.Tests.Kit;
using static TrainingMonitor.Runs.Tests.Kit.TestNode;

namespace TrainingMonitor.Runs.Tests.Actors;

/// <summary>What is left when a disk, an actor, a trainer or a reader fails: nothing hangs, and nothing accepted is lost or counted twice.</summary>
public sealed class FailureTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static Trainer Made(string run = "r") => new Trainer(run).Table().Steps(0, 60, aFrame: 1).Goodbye();

    [Fact]
    public async Task A_run_with_nothing_pending_is_taken_again_after_a_passing_disk_failure()
    {
        await using var node = await StartAsync();
        var (hit, missed) = (Made("hit"), Made("missed"));
        var (stream, session) = await node.SendAsync(hit, 3);
        var (_, other) = await node.SendAsync(missed, 3);
        await UntilAsync(() => session.Durable == 3 && other.Durable == 3);
        node.Log.Fail(new IOException("No space left on device."));
        Post(stream, hit.Frames.Skip(3).Take(1));
        await UntilAsync(() => session.Closed is not null);
        session.Closed!.Value.StatusCode.ShouldBe(StatusCode.Unavailable);
        other.Closed.ShouldBeNull();
        node.Log.Fail(null);
        await node.PassAsync(TimeSpan.FromSeconds(3));
        var (_, again) = await node.SendAsync(hit);
        await UntilAsync(() => again.Durable == (ulong)hit.Frames.Count);
    }

    [Fact]
    public async Task A_run_that_met_a_disk_failure_is_still_stalled_by_the_clock()
    {
        await using var node = await StartAsync();
        var trainer = Made();
        var (stream, session) = await node.SendAsync(trainer, 3);
        await UntilAsync(() => session.Durable == 3);
        node.Log.Fail(new IOException("No space left on device."));
        Post(stream, trainer.Frames.Skip(3).Take(1));
        await UntilAsync(() => session.Closed is not null);
        await node.PassAsync(TimeSpan.FromSeconds(65));
        node.Log.Fail(null);
        await UntilAsync(() =>
        {
            node.Time.Advance(TimeSpan.FromSeconds(1));
            return node.Gateway.LiveRuns[0].State == RunState.Stalled;
        });
    }

    [Fact]
    public async Task Calls_to_an_actor_that_cannot_load_are_answered()
    {
        await using var node = await StartAsync();
        var load = new TaskCompletionSource();
        node.Snapshots.LoadGate = load.Task;
        var opening = node.OpenAsync(Made().Hello());
        var detail = node.Gateway.GetLiveAsync("r", TestContext.Current.CancellationToken);
        var advice = node.Gateway.AdviseAsync("r", new Advice(), TestContext.Current.CancellationToken);
        load.SetException(new IOException("The disk is gone."));
        (await Should.ThrowAsync<RpcException>(() => opening.WaitAsync(Patience))).StatusCode.ShouldBe(StatusCode.Unavailable);
        (await detail.WaitAsync(Patience)).ShouldBeNull();
        (await advice.WaitAsync(Patience)).ShouldBeFalse();
    }

    [Fact]
    public async Task Calls_in_the_mailbox_of_an_actor_that_fails_are_answered()
    {
        await using var node = await StartAsync();
        var trainer = Made();
        var (stream, session) = await node.SendAsync(trainer, 3);
        await UntilAsync(() => session.Durable == 3);
        node.Log.Gate.Reset();
        node.Log.Fail(new InvalidOperationException("A defect."));
        Post(stream, trainer.Frames.Skip(3).Take(1));
        var opening = node.OpenAsync(trainer.Hello());
        var detail = node.Gateway.GetLiveAsync("r", TestContext.Current.CancellationToken);
        await using var watch = node.Gateway.WatchAsync("r", 100, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var update = watch.MoveNextAsync().AsTask();
        await Task.Delay(50, TestContext.Current.CancellationToken);
        node.Log.Gate.Set();
        (await Should.ThrowAsync<RpcException>(() => opening.WaitAsync(Patience))).StatusCode.ShouldBe(StatusCode.Unavailable);
        (await detail.WaitAsync(Patience)).ShouldBeNull();
        (await update.WaitAsync(Patience)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_call_that_the_actor_fails_on_is_answered()
    {
        await using var node = await StartAsync();
        node.Log.Fail(new InvalidOperationException("A defect."));
        (await Should.ThrowAsync<RpcException>(() => node.OpenAsync(Made().Hello()).WaitAsync(Patience))).StatusCode.ShouldBe(StatusCode.Unavailable);
    }

    [Fact]
    public async Task Calls_beyond_what_a_loading_run_may_keep_are_refused()
    {
        await using var node = await StartAsync();
        var load = new TaskCompletionSource();
        node.Snapshots.LoadGate = load.Task;
        var opening = Enumerable.Range(0, 1200).Select(_ => node.OpenAsync(Made().Hello())).ToList();
        (await Should.ThrowAsync<RpcException>(() => opening[^1].WaitAsync(Patience))).StatusCode.ShouldBe(StatusCode.Unavailable);
        load.SetResult();
        await Task.WhenAll(opening.Select(one => one.ContinueWith(task => _ = task.Exception, TaskScheduler.Default))).WaitAsync(Patience);
        opening.Count(one => one.IsCompletedSuccessfully).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task The_last_frames_of_a_killed_trainer_are_kept()
    {
        await using var node = await StartAsync();
        var trainer = Made();
        var (stream, session) = await node.SendAsync(trainer, 3);
        await UntilAsync(() => session.Durable == 3);
        node.Log.Gate.Reset();
        Post(stream, trainer.Frames.Skip(3));
        session.Deaf = true;
        stream.Disconnected();
        node.Log.Gate.Set();
        var expected = new Feed("r").All(trainer).Output.Count;
        await UntilAsync(() => node.Series.Written("r").Count == expected);
        await UntilAsync(() => node.Gateway.LiveRuns.Count == 1 && node.Gateway.LiveRuns.Single().State == RunState.Finished);
        await UntilAsync(() => node.Gateway.Metrics["streams"] == 0);
    }

    [Fact]
    public async Task A_snapshot_that_fails_while_stopping_is_tried_again_at_the_next_tick_only()
    {
        var node = await StartAsync(new MonitorNodeOptions { StopTimeout = TimeSpan.FromMilliseconds(500) });
        var (_, session) = await node.SendAsync(Made(), 3);
        await UntilAsync(() => session.Durable == 3);
        node.Snapshots.SaveFailure = new IOException("No space left on device.");
        await node.DisposeAsync();
        node.Snapshots.Saves.ShouldBe(1);
    }

    [Fact]
    public async Task A_trainer_that_leaves_while_it_waits_for_its_welcome_leaves_no_stream()
    {
        await using var node = await StartAsync();
        node.Log.Auto = false;
        using var gone = new CancellationTokenSource();
        var opening = node.Gateway.OpenAsync(Made().Hello(), new TestSession(), gone.Token);
        await UntilAsync(() => node.Log.LastPosition == 1 && node.Gateway.Metrics["streams"] == 1);
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => opening);
        node.Log.MakeDurable();
        await UntilAsync(() => node.Gateway.Metrics["streams"] == 0);
    }

    [Fact]
    public async Task Points_on_their_way_when_an_actor_fails_are_counted_once()
    {
        await using var node = await StartAsync();
        var trainer = Made();
        var hold = new TaskCompletionSource();
        node.Series.Gate = hold.Task;
        IRunStream stream;
        TestSession session;
        (stream, session) = await node.SendAsync(trainer, 1);
        for (var i = 1; i < 20; i++)
        {
            Post(stream, trainer.Frames.Skip(i).Take(1));
            var sequence = (ulong)i + 1;
            await UntilAsync(() => session.Durable == sequence);
        }

        node.Log.Fail(new InvalidOperationException("A defect."));
        Post(stream, trainer.Frames.Skip(20).Take(1));
        await UntilAsync(() => session.Closed is not null);
        node.Log.Fail(null);
        await UntilAsync(() => node.Gateway.LiveRuns.Count == 0);
        var opening = OpenAgainAsync(node, trainer);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        hold.SetResult();
        (stream, session) = await opening.WaitAsync(Patience, TestContext.Current.CancellationToken);
        stream.Welcome.ResumeAfter.ShouldBe(20UL);
        Post(stream, trainer.Frames.Skip(20));
        await UntilAsync(() => session.Durable == (ulong)trainer.Frames.Count);
        var ideal = new Feed("r").All(trainer);
        var expected = Outcome.Of(ideal.Output.Take("r", 1, "", null)).Order(StringComparer.Ordinal).ToList();
        await UntilAsync(() => node.Series.Written("r").Count >= expected.Count);
        node.Series.Written("r").ShouldBe(expected);
    }

    // While the failed actor is being taken down the gateway says "connect again", and trainers do.
    private static async Task<(IRunStream Stream, TestSession Session)> OpenAgainAsync(TestNode node, Trainer trainer)
    {
        while (true)
        {
            try
            {
                return await node.OpenAsync(trainer.Hello());
            }
            catch (RpcException refused) when (refused.StatusCode == StatusCode.Unavailable)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
    }
}
