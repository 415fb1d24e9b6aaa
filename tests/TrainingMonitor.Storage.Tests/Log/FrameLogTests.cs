using System.ComponentModel.DataAnnotations;
using System.Text;
using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Storage.Tests.Log;

public sealed class FrameLogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_empty_log_says_so()
    {
        await using var log = LogFolder.Open(folder.Path);
        (log.LastPosition, log.DurablePosition, log.FirstPosition, log.PendingBytes).ShouldBe((0, 0, 1, 0));
        log.ReadAll().ShouldBeEmpty();
    }

    [Fact]
    public async Task Records_come_back_as_appended()
    {
        var observer = new DurableObserver();
        await using (var log = LogFolder.Open(folder.Path))
        {
            log.Append(FrameRecordKind.Input, "läuft-ラン-🏃", 3, 7, "body"u8, observer).ShouldBe(1);
            log.Append(FrameRecordKind.Frame, "other", 0, 0, [], observer).ShouldBe(2);
            log.Append(FrameRecordKind.Frame, "other", 0, 0, LogFolder.Body(3, 5 << 20), observer).ShouldBe(3);
            await observer.ReachesAsync(3);
            log.PendingBytes.ShouldBe(0);
        }

        await using var again = LogFolder.Open(folder.Path);
        again.LastPosition.ShouldBe(3);
        var first = again.Read(1).Select(record => (record.Kind, record.RunId, record.Attempt, record.Rank, Encoding.UTF8.GetString(record.Body.Span))).First();
        first.ShouldBe((FrameRecordKind.Input, "läuft-ラン-🏃", 3, 7, "body"));
        var all = again.ReadAll();
        all.Select(record => record.Position).ShouldBe([1, 2, 3]);
        all[1].Body.ShouldBeEmpty();
        all[2].Body.AsSpan().SequenceEqual(LogFolder.Body(3, 5 << 20)).ShouldBeTrue();
        again.Append(FrameRecordKind.Frame, "other", 0, 0, [1], observer).ShouldBe(4);
    }

    [Fact]
    public async Task Reading_starts_at_a_position_and_keeps_to_one_run()
    {
        await LogFolder.FillAsync(folder.Path, 60, options => options with { SegmentBytes = 4096 }, position => position % 3 == 0 ? "a" : "b");
        await using var log = LogFolder.Open(folder.Path);
        LogFolder.Segments(folder.Path).Length.ShouldBeGreaterThan(2);
        log.ReadAll(31).Select(record => record.Position).ShouldBe(Enumerable.Range(31, 30).Select(i => (long)i));
        log.ReadAll(31, "a").Select(record => record.Position).ShouldBe([33, 36, 39, 42, 45, 48, 51, 54, 57, 60]);
        log.ReadAll(1, "none").ShouldBeEmpty();
        foreach (var (position, _, body) in log.ReadAll())
        {
            body.ShouldBe(LogFolder.Body(position));
        }
    }

    [Fact]
    public async Task Only_durable_records_are_read()
    {
        await using var log = LogFolder.Open(folder.Path);
        var observer = new DurableObserver();
        for (var i = 0; i < 2000; i++)
        {
            var position = log.Append(FrameRecordKind.Frame, "run", 0, 0, LogFolder.Body(i), observer);
            if (i % 100 == 0)
            {
                var durable = log.DurablePosition;
                var seen = log.ReadAll();
                seen.Count.ShouldBeInRange((int)durable, (int)Math.Max(log.DurablePosition, position));
                seen.Select(record => record.Position).ShouldBe(Enumerable.Range(1, seen.Count).Select(p => (long)p));
            }
        }

        await observer.ReachesAsync(2000);
        log.ReadAll().Count.ShouldBe(2000);
    }

    [Fact]
    public async Task Many_callers_keep_their_own_order_and_all_is_there()
    {
        const int Callers = 8;
        const int Each = 3000;
        await using var log = LogFolder.Open(folder.Path, options => options with { SegmentBytes = 1 << 20 });
        var observers = Enumerable.Range(0, Callers).Select(_ => new DurableObserver()).ToArray();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(
            async () =>
            {
                var previous = 0L;
                for (var i = 0; i < Each; i++)
                {
                    var position = log.Append(FrameRecordKind.Frame, $"run{caller}", 0, caller, BitConverter.GetBytes(i), observers[caller]);
                    position.ShouldBeGreaterThan(previous);
                    previous = position;
                }

                await observers[caller].ReachesAsync(previous);
            },
            TestContext.Current.CancellationToken)));
        for (var caller = 0; caller < Callers; caller++)
        {
            log.ReadAll(1, $"run{caller}").Select(record => BitConverter.ToInt32(record.Body)).ShouldBe(Enumerable.Range(0, Each));
            observers[caller].Calls.ShouldBeLessThanOrEqualTo(Each);
        }

        log.DurablePosition.ShouldBe(Callers * Each);
    }

    [Fact]
    public async Task Closing_makes_everything_durable()
    {
        var observer = new DurableObserver();
        var log = LogFolder.Open(folder.Path, options => options with { GroupInterval = TimeSpan.FromMilliseconds(50) });
        for (var i = 0; i < 500; i++)
        {
            log.Append(FrameRecordKind.Frame, "run", 0, 0, LogFolder.Body(i), observer);
        }

        await log.DisposeAsync();
        observer.Durable.ShouldBe(500);
        Should.Throw<ObjectDisposedException>(() => log.Append(FrameRecordKind.Frame, "run", 0, 0, [], observer));
    }

    [Fact]
    public async Task An_observer_that_throws_does_not_stop_the_log()
    {
        await using var log = LogFolder.Open(folder.Path);
        var good = new DurableObserver();
        log.Append(FrameRecordKind.Frame, "bad", 0, 0, [1], new Thrower());
        await good.ReachesAsync(log.Append(FrameRecordKind.Frame, "good", 0, 0, [2], good));
        await good.ReachesAsync(log.Append(FrameRecordKind.Frame, "good", 0, 0, [3], good));
        log.ReadAll().Count.ShouldBe(3);
    }

    [Fact]
    public async Task Bad_arguments_are_refused()
    {
        await using var log = LogFolder.Open(folder.Path);
        var observer = new DurableObserver();
        Should.Throw<ArgumentException>(() => log.Append(FrameRecordKind.Frame, "", 0, 0, [], observer));
        Should.Throw<ArgumentException>(() => log.Append(FrameRecordKind.Frame, new string('x', 1025), 0, 0, [], observer));
        Should.Throw<ArgumentException>(() => log.Append(FrameRecordKind.Frame, "\ud800", 0, 0, [], observer));
        Should.Throw<ArgumentException>(() => log.Append(FrameRecordKind.Frame, "run", 0, 0, new byte[(64 << 20) + 1], observer));
        Should.Throw<ValidationException>(() => LogFolder.Open(folder.Path, options => options with { GroupInterval = TimeSpan.FromSeconds(1) }));
        log.LastPosition.ShouldBe(0);
    }

    [Fact]
    public async Task Positions_go_on_above_what_other_stores_hold()
    {
        await LogFolder.FillAsync(folder.Path, 5);
        await using var log = LogFolder.Open(folder.Path, options => options with { ContinueAfter = 40 });
        var observer = new DurableObserver();
        await observer.ReachesAsync(log.Append(FrameRecordKind.Frame, "run", 0, 0, [9], observer));
        log.ReadAll().Select(record => record.Position).ShouldBe([1, 2, 3, 4, 5, 41]);
    }

    private sealed class Thrower : IFrameLogObserver
    {
        public void OnDurable(long position) => throw new InvalidOperationException("observer");

        public void OnFailed(Exception error) => throw new InvalidOperationException("observer");
    }
}
