using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Storage.Spooling;
using static TrainingMonitor.Storage.Tests.Spooling.SpoolBatches;

namespace TrainingMonitor.Storage.Tests.Spooling;

public sealed class DiskSpoolTests : SpoolContract, IDisposable
{
    private readonly TemporaryFolder folder = new();
    private int opened;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_waits_and_how_far_it_was_read_survive_reopening()
    {
        using (var spool = OpenIn(folder.Path))
        {
            for (var i = 0; i < 200; i++)
            {
                spool.Append(Body(i, 700), 3);
            }

            for (var i = 0; i < 77; i++)
            {
                spool.TryPeek(out var record).ShouldBeTrue();
                spool.Remove(record);
            }
        }

        using var again = OpenIn(folder.Path);
        again.Counters.FoundLines.ShouldBe(3 * 123);
        again.Append(Body(200), 1);
        Drain(again).ShouldBe(Enumerable.Range(77, 124));
    }

    [Fact]
    public void Numbers_go_on_after_everything_was_read()
    {
        long last;
        using (var spool = OpenIn(folder.Path))
        {
            spool.Append(Body(0), 1);
            spool.TryPeek(out var record);
            last = record.Sequence;
            spool.Remove(record);
        }

        for (var i = 1; i < 4; i++)
        {
            using var again = OpenIn(folder.Path);
            again.TryPeek(out _).ShouldBeFalse();
            again.Append(Body(i), 1);
            again.TryPeek(out var record).ShouldBeTrue();
            record.Sequence.ShouldBe(++last);
            again.Remove(record);
        }
    }

    [Fact]
    public void A_tail_torn_at_any_byte_costs_only_what_was_not_finished()
    {
        var path = folder.Path;
        using (var spool = OpenIn(path))
        {
            spool.Append(Body(0, 100), 1);
            spool.Append(Body(1, 100), 1);
            spool.Append(Body(2, 100), 1);
        }

        var whole = File.ReadAllBytes(Segments(path).ShouldHaveSingleItem());
        for (var length = 0; length <= whole.Length; length++)
        {
            var torn = Directory.CreateDirectory(folder.File($"torn{length}")).FullName;
            File.WriteAllBytes(Path.Combine(torn, Path.GetFileName(Segments(path)[0])), whole[..length]);
            using var spool = OpenIn(torn);
            spool.Append(Body(9), 1).ShouldBeTrue();
            Drain(spool).ShouldBe([.. Enumerable.Range(0, length * 3 / whole.Length), 9]);
            spool.Counters.DamagedLines.ShouldBe(0);
        }
    }

    [Fact]
    public void A_flipped_bit_anywhere_costs_one_batch_and_the_file_is_kept()
    {
        var path = folder.Path;
        using (var spool = OpenIn(path))
        {
            for (var i = 0; i < 4; i++)
            {
                spool.Append(Body(i, 100), 1);
            }
        }

        var name = Path.GetFileName(Segments(path).ShouldHaveSingleItem());
        var whole = File.ReadAllBytes(Segments(path)[0]);
        var size = whole.Length / 4;
        for (var at = 0; at < 3 * size; at++)
        {
            var damaged = Directory.CreateDirectory(folder.File($"damaged{at}")).FullName;
            var bytes = whole.ToArray();
            bytes[at] ^= 0x10;
            File.WriteAllBytes(Path.Combine(damaged, name), bytes);
            using (var spool = OpenIn(damaged))
            {
                spool.Append(Body(9), 1);
                Drain(spool).ShouldBe([.. Enumerable.Range(0, 4).Where(i => i != at / size), 9], $"byte {at}");
            }

            Directory.GetFiles(damaged, "*.corrupt").ShouldHaveSingleItem();
            using var again = OpenIn(damaged);
            again.TryPeek(out _).ShouldBeFalse();
        }
    }

    [Fact]
    public void Damage_while_it_is_open_is_counted_and_the_rest_goes_on()
    {
        using var spool = OpenIn(folder.Path, capBytes: 1 << 20, segmentBytes: 4096);
        for (var i = 0; i < 30; i++)
        {
            spool.Append(Body(i, 1000), 1);
        }

        var segment = Segments(folder.Path)[1];
        using (var file = new FileStream(segment, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            file.Write(new byte[1500]);
        }

        var left = Drain(spool);
        spool.Counters.DamagedLines.ShouldBe(2);
        left.Count.ShouldBe(28);
        Directory.GetFiles(folder.Path, "*.corrupt").ShouldHaveSingleItem();
    }

    [Fact]
    public void A_folder_that_cannot_be_used_costs_only_durability_until_it_can()
    {
        var path = folder.File("spool");
        File.WriteAllText(path, "a file where the folder should be");
        var time = new SteppingTime();
        using (var spool = OpenIn(path, time: time))
        {
            spool.Append(Body(0), 1).ShouldBeTrue();
            spool.Append(Body(1), 1).ShouldBeTrue();
            spool.Counters.Failures.ShouldBeGreaterThan(0);
            spool.TryPeek(out var record).ShouldBeTrue();
            Number(record).ShouldBe(0);
            spool.Remove(record);
            File.Delete(path);
            time.Step(TimeSpan.FromSeconds(5));
            spool.Append(Body(2), 1).ShouldBeTrue();
            spool.Append(Body(3), 1).ShouldBeTrue();
            Segments(path).ShouldNotBeEmpty();
            spool.TryPeek(out record).ShouldBeTrue();
            Number(record).ShouldBe(1);
            spool.Remove(record);
            spool.TryPeek(out record).ShouldBeTrue();
            Number(record).ShouldBe(2);
        }

        using var again = OpenIn(path);
        Drain(again).ShouldBe([2, 3]);
    }

    protected override ISpool Open(long capBytes) => OpenIn(folder.File((opened++).ToString(CultureInfo.InvariantCulture)), capBytes);

    internal static DiskSpool OpenIn(string path, long capBytes = 1 << 20, long segmentBytes = 16 << 10, TimeProvider? time = null) => DiskSpool.Open(
        new SpoolOptions { Folder = path, CapBytes = capBytes, SegmentBytes = segmentBytes }, time ?? TimeProvider.System, NullLogger<DiskSpool>.Instance);

    private static string[] Segments(string path) => [.. Directory.GetFiles(path, "*.spool").Order(StringComparer.Ordinal)];

    private sealed class SteppingTime : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => ticks;

        public void Step(TimeSpan by) => ticks += by.Ticks;
    }
}
