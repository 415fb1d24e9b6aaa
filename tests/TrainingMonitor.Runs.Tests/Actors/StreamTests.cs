using Google.Rpc;
using Grpc.Core;
using TrainingMonitor.Runs.Hosting;
using TrainingMonitor.Runs.Tests.Kit;
using static TrainingMonitor.Runs.Tests.Kit.TestNode;

namespace TrainingMonitor.Runs.Tests.Actors;

public sealed class StreamTests
{
    private static Trainer Made() => new Trainer("r").Table().Steps(0, 30).Goodbye();

    [Fact]
    public async Task A_frame_is_durable_only_when_the_log_says_so()
    {
        await using var node = await StartAsync();
        var trainer = Made();
        var (stream, session) = await node.SendAsync(trainer, 1);
        await UntilAsync(() => session.Durable == 1);
        node.Log.Auto = false;
        Post(stream, trainer.Frames.Skip(1).Take(5));
        await UntilAsync(() => node.Log.LastPosition == 7);
        stream.Post(trainer.Frames[0], ReadOnlyMemory<byte>.Empty);
        await UntilAsync(() => session.Acks.Any(ack => ack.Received == 6));
        session.Durable.ShouldBe(1UL);
        node.Series.Written("r").ShouldBeEmpty();
        node.Log.MakeDurable(4);
        await UntilAsync(() => session.Durable == 3);
        node.Log.MakeDurable();
        await UntilAsync(() => session.Durable == 6);
        await UntilAsync(() => node.Series.Written("r").Count > 0);
    }

    [Fact]
    public async Task A_welcome_waits_until_the_attempt_is_durable()
    {
        await using var node = await StartAsync();
        node.Log.Auto = false;
        var opening = node.OpenAsync(Made().Hello());
        await UntilAsync(() => node.Log.LastPosition == 1);
        opening.IsCompleted.ShouldBeFalse();
        node.Log.MakeDurable();
        (await opening).Stream.Welcome.Attempt.ShouldBe(0U);
    }

    [Fact]
    public async Task A_gap_is_asked_for_once_and_frames_beyond_it_are_ignored_until_it_is_filled()
    {
        await using var node = await StartAsync();
        var trainer = Made();
        var (stream, session) = await node.SendAsync(trainer, 1);
        Post(stream, trainer.Frames.Skip(2).Take(4));
        await UntilAsync(() => session.Acks.Any(ack => ack.ResendFrom == 2));
        Post(stream, trainer.Frames.Skip(1));
        await UntilAsync(() => session.Durable == (ulong)trainer.Frames.Count);
        session.Acks.Count(ack => ack.ResendFrom != 0).ShouldBe(1);
        node.Gateway.Metrics["frame_gaps_total"].ShouldBe(1);
        var expected = new Feed("r").All(Made());
        await UntilAsync(() => node.Series.Written("r").Count == expected.Output.Count);
    }

    [Fact]
    public async Task Duplicates_are_acknowledged_and_counted()
    {
        await using var node = await StartAsync();
        var trainer = Made();
        var (stream, session) = await node.SendAsync(trainer, 3);
        await UntilAsync(() => session.Durable == 3);
        var before = session.Acks.Count;
        Post(stream, trainer.Frames.Take(2));
        await UntilAsync(() => session.Acks.Count > before);
        session.Acks[^1].Received.ShouldBe(3UL);
        (await node.Gateway.GetLiveAsync("r", TestContext.Current.CancellationToken)).ShouldNotBeNull().Counters["frames_duplicate"].ShouldBe(2UL);
    }

    [Fact]
    public async Task A_newer_stream_of_the_same_rank_takes_over()
    {
        await using var node = await StartAsync();
        var trainer = Made();
        var (old, oldSession) = await node.SendAsync(trainer, 3);
        await UntilAsync(() => oldSession.Durable == 3);
        var (stream, session) = await node.OpenAsync(trainer.Hello());
        oldSession.Closed.ShouldNotBeNull().StatusCode.ShouldBe(StatusCode.Aborted);
        stream.Welcome.ResumeAfter.ShouldBe(3UL);
        stream.Welcome.Durable.ShouldBe(3UL);
        old.Post(trainer.Frames[3], ReadOnlyMemory<byte>.Empty);
        Post(stream, trainer.Frames.Skip(3));
        await UntilAsync(() => session.Durable == (ulong)trainer.Frames.Count);
    }

    // Through a cluster questions take different ways: the one that a process gave up may arrive after the next.
    [Fact]
    public async Task A_question_that_was_long_on_its_way_ends_no_newer_stream()
    {
        await using var node = await StartAsync();
        var trainer = Made();
        var late = trainer.Hello();
        var newer = trainer.Hello();
        newer.TimeUnixNs++;
        var (stream, session) = await node.OpenAsync(newer);
        var error = await Should.ThrowAsync<RpcException>(() => node.OpenAsync(late));
        error.StatusCode.ShouldBe(StatusCode.Unavailable);
        session.Closed.ShouldBeNull();
        Post(stream, trainer.Frames);
        await UntilAsync(() => session.Durable == (ulong)trainer.Frames.Count);
    }

    [Fact]
    public async Task A_frame_that_does_not_fit_the_frames_before_it_ends_the_stream_and_is_not_logged()
    {
        await using var node = await StartAsync();
        var trainer = Made();
        var (stream, session) = await node.SendAsync(trainer, 2);
        var bad = trainer.Frames[2].Clone();
        bad.Steps.Reports[0].LayerTableVersion = 9;
        Post(stream, [bad]);
        await UntilAsync(() => session.Closed is not null);
        session.Closed!.Value.StatusCode.ShouldBe(StatusCode.InvalidArgument);
        session.Closed.Value.Detail.ShouldContain("steps.reports[0].layer_table_version");
        node.Log.LastPosition.ShouldBe(3);
        var (_, again) = await node.SendAsync(trainer);
        await UntilAsync(() => again.Durable == (ulong)trainer.Frames.Count);
    }

    [Fact]
    public async Task Credits_stop_while_the_log_is_behind_and_come_back()
    {
        await using var node = await StartAsync(new MonitorNodeOptions { MaxCredits = 16 });
        var trainer = new Trainer("r").Table().Steps(0, 300, aFrame: 1);
        node.Log.PendingBytes = 1L << 40;
        var (stream, session) = await node.OpenAsync(trainer.Hello());
        stream.Welcome.SendLimit.ShouldBe(0UL);
        node.Log.PendingBytes = 0;
        await node.PassAsync(TimeSpan.FromSeconds(2));
        await UntilAsync(() => session.Acks.Any(ack => ack.SendLimit == 16));
        Post(stream, trainer.Frames.Take(16));
        await UntilAsync(() => session.Acks.Any(ack => ack.SendLimit == 32));
    }

    [Fact]
    public async Task Credits_stop_while_the_series_store_is_behind_and_nothing_is_dropped()
    {
        var hold = new TaskCompletionSource();
        await using var node = await StartAsync(new MonitorNodeOptions { MaxCredits = 16, MaxPendingPoints = 40 });
        node.Series.Gate = hold.Task;
        var trainer = new Trainer("r").Table().Steps(0, 300, aFrame: 1).Goodbye();
        var (stream, session) = await node.OpenAsync(trainer.Hello());
        var sent = 0;
        void Pump()
        {
            var limit = (int)Math.Min(session.Acks.Select(ack => ack.SendLimit).Append(stream.Welcome.SendLimit).Max(), (ulong)trainer.Frames.Count);
            Post(stream, trainer.Frames.Take(limit).Skip(sent));
            sent = Math.Max(sent, limit);
        }

        for (var i = 0; i < 40; i++)
        {
            Pump();
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        sent.ShouldBeLessThan(100);
        node.Series.Failures = 3;
        hold.SetResult();
        await UntilAsync(() =>
        {
            Pump();
            node.Time.Advance(TimeSpan.FromSeconds(1));
            return session.Durable == (ulong)trainer.Frames.Count;
        });
        var expected = new Feed("r").All(trainer).Output.Count;
        await UntilAsync(() => node.Series.Written("r").Count == expected);
        node.Gateway.Metrics["series_write_failures_total"].ShouldBe(3);
    }

    [Fact]
    public async Task While_the_store_is_busy_what_a_run_brings_is_one_write()
    {
        var hold = new TaskCompletionSource();
        await using var node = await StartAsync();
        node.Series.Gate = hold.Task;
        var trainer = new Trainer("r").Table().Steps(0, 300, aFrame: 1).Goodbye();
        var (stream, session) = await node.OpenAsync(trainer.Hello());
        for (var i = 0; i < trainer.Frames.Count; i++)
        {
            // Each frame a group of the log of its own.
            Post(stream, trainer.Frames.Skip(i).Take(1));
            await UntilAsync(() => session.Durable == (ulong)(i + 1));
        }

        node.Gateway.Metrics["series_queue"].ShouldBeLessThanOrEqualTo(1);
        node.Gateway.Metrics["series_points_waiting"].ShouldBeGreaterThan(300);
        hold.SetResult();
        List<string> expected = [.. Outcome.Of(new Feed("r").All(trainer).Output.Take("r", 1, "", null)).Order(StringComparer.Ordinal)];
        await UntilAsync(() => node.Series.Written("r").Count == expected.Count);
        node.Series.Written("r").ShouldBe(expected);
        await UntilAsync(() => node.Gateway.Metrics["series_points_waiting"] == 0);
        node.Gateway.Metrics["series_writes_total"].ShouldBeLessThan(5);
    }

    [Fact]
    public async Task A_fast_run_that_fills_the_node_gets_no_credits_and_a_slow_one_gets_them()
    {
        var hold = new TaskCompletionSource();
        await using var node = await StartAsync(new MonitorNodeOptions { MaxCredits = 256, MaxPendingPointsOfAllRuns = 100 });
        node.Series.Gate = hold.Task;
        var trainer = new Trainer("fast").Table().Steps(0, 500, aFrame: 1);
        var (stream, fast) = await node.OpenAsync(trainer.Hello());
        Post(stream, trainer.Frames);
        await UntilAsync(() => fast.Durable == 501);
        fast.Acks[^1].SendLimit.ShouldBeLessThan(600UL);

        var slow = new Trainer("slow").Table().Steps(0, 5, aFrame: 1);
        var (slowStream, session) = await node.OpenAsync(slow.Hello());
        slowStream.Welcome.SendLimit.ShouldBeGreaterThan(0UL);
        Post(slowStream, slow.Frames);
        await UntilAsync(() => session.Durable == 6);
        session.Acks[^1].SendLimit.ShouldBeGreaterThan(16UL);
        hold.SetResult();
        await UntilAsync(() => fast.Acks[^1].SendLimit == 501 + 256);
    }

    [Fact]
    public async Task Credits_start_few_and_grow_with_the_measured_size_of_the_frames()
    {
        await using var node = await StartAsync();
        var trainer = new Trainer("small").Table().Steps(0, 300, aFrame: 1);
        var (stream, session) = await node.OpenAsync(trainer.Hello());
        stream.Welcome.SendLimit.ShouldBe(16UL);
        Post(stream, trainer.Frames);
        await UntilAsync(() => session.Durable == 301);
        session.Acks[^1].SendLimit.ShouldBeGreaterThan(301UL + 512);

        var large = new Trainer("large").Table().Steps(0, 20, aFrame: 1);
        (stream, session) = await node.OpenAsync(large.Hello());
        foreach (var frame in large.Frames)
        {
            stream.Post(frame, new byte[2 << 20]);
        }

        await UntilAsync(() => session.Durable == 21);
        session.Acks.ShouldAllBe(ack => ack.SendLimit - ack.Received <= 16);
    }

    [Fact]
    public async Task A_stream_that_ignores_its_credits_is_ended()
    {
        await using var node = await StartAsync(new MonitorNodeOptions { MaxCredits = 1 });
        var trainer = new Trainer("r").Table().Steps(0, 3);
        var (stream, session) = await node.OpenAsync(trainer.Hello());
        for (var i = 0; i < 100_000 && session.Closed is null; i++)
        {
            stream.Post(trainer.Frames[0], ReadOnlyMemory<byte>.Empty);
        }

        session.Closed.ShouldNotBeNull().StatusCode.ShouldBe(StatusCode.ResourceExhausted);
    }

    [Fact]
    public async Task A_log_that_cannot_write_sends_trainers_away_until_it_can()
    {
        await using var node = await StartAsync();
        var trainer = Made();
        var (stream, session) = await node.SendAsync(trainer, 3);
        await UntilAsync(() => session.Durable == 3);
        node.Log.Fail(new IOException("No space left on device."));
        Post(stream, trainer.Frames.Skip(3));
        await UntilAsync(() => session.Closed is not null);
        session.Closed!.Value.StatusCode.ShouldBe(StatusCode.Unavailable);
        (await Should.ThrowAsync<RpcException>(() => node.OpenAsync(trainer.Hello()))).StatusCode.ShouldBe(StatusCode.Unavailable);
        node.Log.Fail(null);
        await node.PassAsync(TimeSpan.FromSeconds(2));
        await UntilAsync(() => node.OpenAsync(trainer.Hello()).ContinueWith(task => task.IsCompletedSuccessfully, TaskScheduler.Default).Result);
        var (_, again) = await node.SendAsync(trainer);
        await UntilAsync(() => again.Durable == (ulong)trainer.Frames.Count);
    }

    [Fact]
    public async Task Runs_beyond_the_limit_are_refused_and_others_go_on()
    {
        await using var node = await StartAsync(new MonitorNodeOptions { MaxRuns = 1 });
        var (_, session) = await node.SendAsync(Made());
        var refused = await Should.ThrowAsync<RpcException>(() => node.OpenAsync(new Trainer("other").Hello()));
        refused.StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        refused.GetRpcStatus().ShouldNotBeNull().GetDetail<RetryInfo>().ShouldNotBeNull().RetryDelay.Seconds.ShouldBe(10);
        await UntilAsync(() => session.Durable == 12);
    }
}
