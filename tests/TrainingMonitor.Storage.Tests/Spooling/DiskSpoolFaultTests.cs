using TrainingMonitor.Storage.Spooling;
using static TrainingMonitor.Storage.Tests.Spooling.SpoolBatches;

namespace TrainingMonitor.Storage.Tests.Spooling;

/// <summary>A disk that is full, and kill -9.</summary>
public sealed class DiskSpoolFaultTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_full_disk_loses_nothing_that_fits_into_memory()
    {
        using var disk = new SmallDisk(megabytes: 2);
        disk.SkipUnlessMounted();
        var ballast = disk.File("ballast");
        File.WriteAllBytes(ballast, new byte[1700 << 10]);
        using (var spool = DiskSpoolTests.OpenIn(disk.File("spool"), capBytes: 16 << 20, segmentBytes: 64 << 10, time: new RunningTime()))
        {
            for (var i = 0; i < 100; i++)
            {
                spool.Append(Body(i, 10_000), 1).ShouldBeTrue();
            }

            spool.Counters.Failures.ShouldBeGreaterThan(0);
            File.Delete(ballast);
            for (var i = 100; i < 120; i++)
            {
                spool.Append(Body(i, 10_000), 1).ShouldBeTrue();
            }

            Drain(spool).ShouldBe(Enumerable.Range(0, 120));
            spool.Counters.DroppedLines.ShouldBe(0);
            spool.Append(Body(120), 1);
        }

        using var again = DiskSpoolTests.OpenIn(disk.File("spool"));
        Drain(again).ShouldBe([120]);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(300)]
    public async Task After_a_kill_every_batch_that_was_kept_and_not_removed_is_there(int promises)
    {
        for (var round = 0; round < 2; round++)
        {
            using var child = ChildProcess.Start(typeof(DiskSpoolFaultTests), nameof(Spooling_process), folder.Path);
            await child.KillAfterAsync(promises);
            var promised = ChildProcess.LastPromise(folder.Path);
            using var spool = DiskSpoolTests.OpenIn(folder.File("spool"), capBytes: 64 << 20);
            var left = Drain(spool);
            spool.Counters.DamagedLines.ShouldBe(0);
            left.ShouldBe(Enumerable.Range(left[0], left.Count), "no gap");
            left[^1].ShouldBeGreaterThanOrEqualTo((int)promised);
            // The child removes each hundredth behind what it appends: what is read again is at most what it had not removed, and one more.
            left[0].ShouldBeInRange((int)Math.Max(0, promised - 101), (int)promised);
            spool.Append(Body(left[^1] + 1, 300), 1);
        }
    }

    /// <summary>In the child process: appends on from the newest, and removes what lies a hundred behind, until it is killed. Without a parent: two hundred batches.</summary>
    [Fact]
    public async Task Spooling_process()
    {
        var parent = ChildProcess.Folder;
        var target = parent ?? folder.Path;
        await using var promises = ChildProcess.OpenPromises(target);
        using var spool = DiskSpoolTests.OpenIn(Path.Combine(target, "spool"), capBytes: 64 << 20);
        var number = spool.TryPeek(out var record) ? Number(record) : -1;
        for (var count = 0; parent is not null || count < 200; count++)
        {
            spool.Append(Body(++number, 300), 1).ShouldBeTrue();
            promises.Write(BitConverter.GetBytes((long)number));
            while (spool.TryPeek(out record) && Number(record) < number - 100)
            {
                spool.Remove(record);
            }
        }

        Drain(spool).Count.ShouldBe(101);
    }

    /// <summary>Two seconds a look, so that each attempt on the disk is made.</summary>
    private sealed class RunningTime : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => ticks += 2 * TimeSpan.TicksPerSecond;
    }
}
