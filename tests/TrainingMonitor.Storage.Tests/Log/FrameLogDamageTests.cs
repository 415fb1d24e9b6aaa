using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Storage.Tests.Log;

public sealed class FrameLogDamageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_tail_torn_at_any_byte_of_the_last_record_is_cut()
    {
        await LogFolder.FillAsync(folder.Path, 5);
        var path = LogFolder.Segments(folder.Path).Single();
        var whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        var lastSize = 32 + "run".Length + LogFolder.Body(5).Length;
        for (var cut = 1; cut <= lastSize; cut++)
        {
            await File.WriteAllBytesAsync(path, whole[..^cut], TestContext.Current.CancellationToken);
            await using var log = LogFolder.Open(folder.Path);
            log.TornBytes.ShouldBe(cut == lastSize ? 0 : lastSize - cut);
            log.ReadAll().Select(record => record.Position).ShouldBe([1, 2, 3, 4]);
            log.LastPosition.ShouldBeGreaterThanOrEqualTo(4);
            var observer = new DurableObserver();
            await observer.ReachesAsync(log.Append(FrameRecordKind.Frame, "run", 1, 0, [1, 2, 3], observer));
            log.ReadAll().Count.ShouldBe(5);
            log.Damage.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_flipped_bit_anywhere_in_a_record_costs_that_record_only()
    {
        await LogFolder.FillAsync(folder.Path, 5);
        var path = LogFolder.Segments(folder.Path).Single();
        var second = 64 + 32 + "run".Length + LogFolder.Body(1).Length;
        var size = 32 + "run".Length + LogFolder.Body(2).Length;
        for (var offset = second; offset < second + size; offset++)
        {
            LogFolder.Flip(path, offset);
            await using (var log = LogFolder.Open(folder.Path))
            {
                log.ReadAll().Select(record => record.Position).ShouldBe([1, 3, 4, 5]);
                log.ReadAll(1, "run").Count.ShouldBe(4);
                var damage = log.Damage.ShouldHaveSingleItem();
                (damage.Offset, damage.Length).ShouldBe((second, size));
                log.LastPosition.ShouldBe(5);
            }

            LogFolder.Flip(path, offset);
        }
    }

    [Fact]
    public async Task A_flipped_bit_in_the_header_of_a_segment_costs_nothing()
    {
        await LogFolder.FillAsync(folder.Path, 5);
        var path = LogFolder.Segments(folder.Path).Single();
        for (var offset = 0; offset < 64; offset++)
        {
            LogFolder.Flip(path, offset);
            await using (var log = LogFolder.Open(folder.Path))
            {
                log.ReadAll().Count.ShouldBe(5);
            }

            LogFolder.Flip(path, offset);
        }
    }

    [Fact]
    public async Task A_segment_without_a_readable_header_is_kept_aside_and_its_positions_are_not_used_again()
    {
        await LogFolder.FillAsync(folder.Path, 60, options => options with { SegmentBytes = 4096 });
        var segments = LogFolder.Segments(folder.Path);
        LogFolder.Flip(segments[^1], 3);
        LogFolder.Flip(segments[^1], 40);
        await using var log = LogFolder.Open(folder.Path);
        log.Damage.ShouldHaveSingleItem().Path.ShouldBe(segments[^1] + ".corrupt");
        File.Exists(segments[^1] + ".corrupt").ShouldBeTrue();
        var observer = new DurableObserver();
        var position = log.Append(FrameRecordKind.Frame, "run", 0, 0, [1], observer);
        position.ShouldBeGreaterThan(60);
        await observer.ReachesAsync(position);
        log.ReadAll()[^1].Position.ShouldBe(position);
    }

    [Fact]
    public async Task A_damaged_segment_is_kept_aside_when_its_time_to_go_has_come()
    {
        await LogFolder.FillAsync(folder.Path, 60, options => options with { SegmentBytes = 4096 });
        var oldest = LogFolder.Segments(folder.Path)[0];
        LogFolder.Flip(oldest, 200);
        await using (var log = LogFolder.Open(folder.Path, options => options with { SegmentBytes = 4096, DiskCapBytes = 0 }))
        {
            log.ReadAll().Count.ShouldBe(59);
            log.Release(long.MaxValue);
        }

        File.Exists(oldest).ShouldBeFalse();
        File.Exists(oldest + ".corrupt").ShouldBeTrue();
    }

    [Fact]
    public async Task Zeros_at_the_end_are_cut()
    {
        await LogFolder.FillAsync(folder.Path, 5);
        await using (var file = new FileStream(LogFolder.Segments(folder.Path).Single(), FileMode.Append))
        {
            file.Write(new byte[10_000]);
        }

        await using var log = LogFolder.Open(folder.Path);
        log.TornBytes.ShouldBe(10_000);
        log.ReadAll().Count.ShouldBe(5);
    }

    [Fact]
    public async Task An_empty_or_foreign_file_does_not_stop_the_start()
    {
        await LogFolder.FillAsync(folder.Path, 5);
        await File.WriteAllBytesAsync(folder.File("00000000000000000006.log"), [], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("notes.log"), "mine", TestContext.Current.CancellationToken);
        await using var log = LogFolder.Open(folder.Path);
        log.LastPosition.ShouldBe(5);
        log.Damage.ShouldBeEmpty();
        File.Exists(folder.File("notes.log")).ShouldBeTrue();
    }

    [Fact]
    public async Task Bytes_of_another_log_inside_a_body_are_never_taken_for_records()
    {
        using var other = new TemporaryFolder();
        await LogFolder.FillAsync(other.Path, 9, runId: _ => "forged");
        var forged = await File.ReadAllBytesAsync(LogFolder.Segments(other.Path).Single(), TestContext.Current.CancellationToken);
        var observer = new DurableObserver();
        await using (var log = LogFolder.Open(folder.Path))
        {
            log.Append(FrameRecordKind.Frame, "run", 0, 0, forged, observer);
            await observer.ReachesAsync(log.Append(FrameRecordKind.Frame, "run", 0, 0, [1], observer));
        }

        LogFolder.Flip(LogFolder.Segments(folder.Path).Single(), 64);
        await using var damaged = LogFolder.Open(folder.Path);
        damaged.ReadAll().Select(record => (record.Position, record.RunId)).ShouldBe([(2L, "run")]);
    }
}
