using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Storage.Tests.Log;

public sealed class FrameLogRetentionTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Released_segments_go_only_above_the_cap()
    {
        await LogFolder.FillAsync(folder.Path, 200, Small);
        var before = LogFolder.Segments(folder.Path).Length;
        await using (var roomy = LogFolder.Open(folder.Path, Small))
        {
            roomy.Release(200);
        }

        LogFolder.Segments(folder.Path).Length.ShouldBe(before);
        await using (var log = LogFolder.Open(folder.Path, options => Small(options) with { DiskCapBytes = 20_000 }))
        {
            log.Release(100);
            await AppendAsync(log);
            await SettledAsync(log);
            log.FirstPosition.ShouldBeInRange(2, 100);
            log.ReadAll().Select(record => record.Position).ShouldBe(Enumerable.Range((int)log.FirstPosition, 202 - (int)log.FirstPosition).Select(p => (long)p));
            log.TotalBytes.ShouldBeGreaterThan(20_000, "what is not released stays, cap or not");
            log.Release(long.MaxValue);
            await AppendAsync(log);
            await AppendAsync(log);
            await SettledAsync(log);
            log.TotalBytes.ShouldBeLessThanOrEqualTo(20_000 + 4096 + 400);
        }

        await using var again = LogFolder.Open(folder.Path, Small);
        again.LastPosition.ShouldBe(203);
        again.FirstPosition.ShouldBeGreaterThan(100);
    }

    [Fact]
    public async Task A_reader_survives_the_deletion_of_what_it_reads()
    {
        await LogFolder.FillAsync(folder.Path, 200, Small);
        await using var log = LogFolder.Open(folder.Path, options => Small(options) with { DiskCapBytes = 0 });
        using var reader = log.Read(1).GetEnumerator();
        reader.MoveNext().ShouldBeTrue();
        log.Release(long.MaxValue);
        await AppendAsync(log);
        await AppendAsync(log);
        var last = 1L;
        while (reader.MoveNext())
        {
            reader.Current.Position.ShouldBeGreaterThan(last);
            last = reader.Current.Position;
        }

        log.Damage.ShouldBeEmpty();
    }

    [Fact]
    public async Task While_it_is_held_nothing_goes_and_its_files_are_whole()
    {
        await LogFolder.FillAsync(folder.Path, 200, Small);
        await using var log = LogFolder.Open(folder.Path, options => Small(options) with { DiskCapBytes = 0 });
        var first = log.FirstPosition;
        using (log.Hold())
        {
            log.Release(long.MaxValue);
            await AppendAsync(log);
            await AppendAsync(log);
            log.FirstPosition.ShouldBe(first);
            log.Files.Sum(file => file.Length).ShouldBe(log.TotalBytes);
            log.Files.ShouldAllBe(file => new FileInfo(file.Path).Length >= file.Length);
        }

        await AppendAsync(log);
        await AppendAsync(log);
        log.FirstPosition.ShouldBeGreaterThan(first);
    }

    private static FrameLogOptions Small(FrameLogOptions options) => options with { SegmentBytes = 4096 };

    // Segments are deleted after the append that made it due has been answered.
    private static async Task SettledAsync(FrameLog log)
    {
        for (var first = -1L; first != log.FirstPosition;)
        {
            first = log.FirstPosition;
            await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);
        }
    }

    private static async Task AppendAsync(FrameLog log)
    {
        var observer = new DurableObserver();
        await observer.ReachesAsync(log.Append(FrameRecordKind.Frame, "run", 0, 0, [1], observer));
    }
}
