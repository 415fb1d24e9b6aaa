using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Storage.Influx;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Tests.Series;

namespace TrainingMonitor.Storage.Tests.Influx;

public sealed class SinkIntakeTests
{
    [Fact]
    public async Task What_comes_faster_than_it_is_spooled_costs_windows_first_and_the_writer_never_waits()
    {
        using var disk = new ManualResetEventSlim();
        var spooled = new List<RunWrites>();
        var intake = new SinkIntake(
            writes =>
            {
                disk.Wait();
                spooled.Add(writes);
            },
            () => { },
            mostFields: 5000);
        intake.Start();
        // A disk that hangs: each call returns all the same. A write is 10 points and 3 windows, so about 440 fields; without windows 200.
        var tasks = Enumerable.Range(1, 40).Select(i => intake.AddAsync([Writes(i)])).ToList();
        tasks[^1].IsCompleted.ShouldBeFalse();
        disk.Set();
        await Task.WhenAll(tasks);
        await intake.DisposeAsync();
        spooled.Select(writes => writes.Position).ShouldBe(spooled.Select(writes => writes.Position).Order());
        spooled[^1].Position.ShouldBe(40);
        spooled.Sum(writes => writes.Points.Count).ShouldBeInRange(200, 390);
        spooled[1].Blocks.ShouldBeEmpty("windows go before any point does");
        var kept = spooled.Sum(writes => writes.Points.Count + (writes.Blocks.Count * SampleWrites.Layers.Length));
        intake.ShedLines.ShouldBe((40 * 13) - kept);
    }

    [Fact]
    public async Task What_is_queued_at_the_end_is_spooled()
    {
        var spooled = new List<long>();
        var intake = new SinkIntake(writes => spooled.Add(writes.Position), () => { }, mostFields: 100_000);
        var tasks = Enumerable.Range(1, 20).Select(i => intake.AddAsync([Writes(i)])).ToList();
        intake.Start();
        await intake.DisposeAsync();
        spooled.ShouldBe(Enumerable.Range(1, 20).Select(i => (long)i));
        tasks.ShouldAllBe(task => task.IsCompletedSuccessfully);
        intake.ShedLines.ShouldBe(0);
    }

    private static RunWrites Writes(int position) => new("run", position)
    {
        Points = [.. Enumerable.Range(position * 10, 10).Select(step => SampleWrites.Point(step, values: (RunSeries.Loss, step)))],
        Blocks = [SampleWrites.Block(position * 10, 10)],
    };
}
