using TrainingMonitor.Runs.Tests.Kit;
using static TrainingMonitor.Runs.Tests.Kit.TestNode;

namespace TrainingMonitor.Runs.Tests.Actors;

public sealed class SnapshotTests
{
    [Fact]
    public async Task A_run_with_many_inputs_is_saved_after_an_interval_one_with_few_after_five()
    {
        await using var node = await StartAsync();
        foreach (var (run, steps) in new[] { ("few", 90), ("many", 120) })
        {
            var trainer = new Trainer(run).Table().Steps(0, steps, aFrame: 1);
            var (_, session) = await node.SendAsync(trainer);
            await UntilAsync(() => session.Durable == (ulong)trainer.Frames.Count);
        }

        await UntilAsync(() => node.Series.Written("few").Count > 0 && node.Series.Written("many").Count > 0);
        node.Time.Advance(TimeSpan.FromSeconds(31));
        await UntilAsync(() => Position(node, "many") > 0);
        Position(node, "few").ShouldBe(0);

        node.Time.Advance(TimeSpan.FromSeconds(31));
        await Task.Delay(200, TestContext.Current.CancellationToken);
        Position(node, "few").ShouldBe(0);

        node.Time.Advance(TimeSpan.FromSeconds(90));
        await UntilAsync(() => Position(node, "few") > 0);
    }

    private static long Position(TestNode node, string run) => node.Snapshots.LoadAsync(run, default).Result?.Position ?? 0;
}
