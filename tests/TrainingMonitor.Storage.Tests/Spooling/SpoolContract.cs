using System.Text;
using FsCheck;
using FsCheck.Xunit;
using TrainingMonitor.Storage.Spooling;
using static TrainingMonitor.Storage.Tests.Spooling.SpoolBatches;

namespace TrainingMonitor.Storage.Tests.Spooling;

/// <summary>What every spool keeps, in memory or on disk.</summary>
public abstract class SpoolContract
{
    /// <summary>A spool that holds about so many bytes.</summary>
    protected abstract ISpool Open(long capBytes);

    [Fact]
    public void Batches_come_in_order_and_only_once_removed()
    {
        using var spool = Open(1 << 20);
        spool.TryPeek(out _).ShouldBeFalse();
        for (var i = 0; i < 100; i++)
        {
            spool.Append(Body(i), i).ShouldBeTrue();
        }

        for (var i = 0; i < 100; i++)
        {
            spool.TryPeek(out var record).ShouldBeTrue();
            spool.TryPeek(out record).ShouldBeTrue("looking takes nothing");
            Encoding.UTF8.GetString(record.Body.Span).ShouldBe(Encoding.UTF8.GetString(Body(i)));
            record.Lines.ShouldBe(i);
            spool.Remove(record);
            spool.Remove(record);
        }

        spool.TryPeek(out _).ShouldBeFalse();
        (spool.Counters.RemovedLines, spool.Counters.DroppedLines, spool.Counters.Records, spool.Counters.Bytes).ShouldBe((4950, 0, 0, 0));
    }

    [Fact]
    public void Batches_can_be_read_ahead_and_come_again_until_they_are_removed()
    {
        using var spool = Open(1 << 20);
        spool.Append([.. Enumerable.Range(0, 60).Select(i => new SpoolBatch(Body(i, 700), 1))]).ShouldBeTrue();
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var (after, ahead) = (0L, new List<SpoolRecord>());
            while (ahead.Count < 50 && spool.TryPeek(after, out var record))
            {
                Number(record).ShouldBe(ahead.Count);
                after = record.Sequence;
                ahead.Add(record);
            }

            if (attempt == 1)
            {
                ahead.ForEach(record => spool.Remove(record));
            }
        }

        spool.Counters.RemovedLines.ShouldBe(50);
        Drain(spool).ShouldBe(Enumerable.Range(50, 10));
        spool.Append(Body(60), 1);
        Drain(spool).ShouldBe([60]);
    }

    [Fact]
    public void A_full_spool_drops_the_oldest_and_says_how_much()
    {
        using var spool = Open(32 << 10);
        for (var i = 0; i < 1000; i++)
        {
            spool.Append(Body(i, 500), 1).ShouldBeTrue();
        }

        var left = Drain(spool);
        left.Count.ShouldBeInRange(20, 65);
        left[^1].ShouldBe(999);
        left.ShouldBe(Enumerable.Range(1000 - left.Count, left.Count));
        (spool.Counters.DroppedLines + spool.Counters.RemovedLines).ShouldBe(1000);
        spool.Counters.RemovedLines.ShouldBe(left.Count);
    }

    [Fact]
    public void A_batch_larger_than_the_spool_is_refused_and_harms_no_other()
    {
        using var spool = Open(8 << 10);
        spool.Append(Body(1), 1).ShouldBeTrue();
        spool.Append(new byte[9 << 10], 7).ShouldBeFalse();
        Drain(spool).ShouldBe([1]);
        spool.Counters.DroppedLines.ShouldBe(7);
    }

    [Fact]
    public void A_batch_that_was_dropped_while_it_was_on_its_way_takes_no_other_with_it_and_is_not_counted_as_lost()
    {
        using var spool = Open(8 << 10);
        spool.Append(Body(0, 500), 1);
        spool.TryPeek(out var onItsWay).ShouldBeTrue();
        for (var i = 1; i < 100; i++)
        {
            spool.Append(Body(i, 500), 1);
        }

        spool.Remove(onItsWay);
        spool.TryPeek(out var next).ShouldBeTrue();
        next.Sequence.ShouldBeGreaterThan(onItsWay.Sequence);
        var left = Drain(spool);
        (spool.Counters.RemovedLines, spool.Counters.DroppedLines).ShouldBe((left.Count + 1, 99 - left.Count));
    }

    /// <summary>Random appends, looks and removals against a list: what comes is what was appended, in order, and every line is accounted for.</summary>
    [Property(MaxTest = 30)]
    public void Every_line_is_accounted_for(int seed)
    {
        var random = new Random(seed);
        using var spool = Open(random.Next(4, 24) << 10);
        var (appended, lines, last) = (0, 0L, -1);
        for (var i = 0; i < 150; i++)
        {
            if (random.Next(3) > 0)
            {
                var count = random.Next(5);
                spool.Append(Body(appended++, random.Next(40, 2000)), count);
                lines += count;
            }
            else if (spool.TryPeek(out var record))
            {
                var number = Number(record);
                number.ShouldBeGreaterThan(last);
                if (random.Next(4) > 0)
                {
                    last = number;
                    spool.Remove(record);
                }
            }

            var waiting = lines - spool.Counters.DroppedLines - spool.Counters.RemovedLines;
            waiting.ShouldBeGreaterThanOrEqualTo(0);
            spool.Counters.AppendedLines.ShouldBe(lines);
        }

        Drain(spool);
        (spool.Counters.RemovedLines + spool.Counters.DroppedLines).ShouldBe(lines);
        (spool.Counters.Records, spool.Counters.Bytes).ShouldBe((0, 0));
    }
}
