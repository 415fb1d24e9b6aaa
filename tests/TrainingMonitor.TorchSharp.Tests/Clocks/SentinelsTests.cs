namespace TrainingMonitor.TorchSharp.Tests.Clocks;

public sealed class SentinelsTests
{
    private static Sentinels Make(long count, SentinelOptions options, Canaries? canaries = null) => new(count, _ => throw new InvalidOperationException(), options, 1, canaries);

    [Fact]
    public void All_examples_are_trained_on_in_the_end_and_a_twentieth_is_withheld_at_a_time()
    {
        const int Examples = 4000;
        var sentinels = Make(Examples, new SentinelOptions { EpochsATurn = 2 });
        sentinels.SliceCount.ShouldBe(100);
        var ids = Enumerable.Range(0, Examples).Select(i => (long)i).ToArray();
        var trained = new HashSet<long>();
        for (var epoch = 0; epoch < 12; epoch++)
        {
            sentinels.BeginEpoch(epoch);
            var kept = sentinels.Filter(ids);
            (Examples - kept.Length).ShouldBeInRange(120, 280);
            var (fresh, seen) = sentinels.Withheld();
            fresh.Concat(seen).Order().ShouldBe(ids.Except(kept).Order());

            // Fresh is what was never trained on, and the first five slices leave one by one.
            fresh.ShouldAllBe(id => !trained.Contains(id));
            seen.ShouldAllBe(id => trained.Contains(id));
            (fresh.Length > 0).ShouldBe(epoch < 10);
            trained.UnionWith(kept);
        }

        trained.Count.ShouldBe(Examples);
        (sentinels.Turn, sentinels.UnseenEpochs).ShouldBe((5, 1));
    }

    [Fact]
    public void Fresh_is_fresh_once_and_a_released_slice_comes_back_as_seen()
    {
        var sentinels = Make(500, new SentinelOptions { Share = 0.25, Slices = 2, EpochsATurn = 1 });
        sentinels.SliceCount.ShouldBe(8);
        var first = sentinels.Withheld().Fresh;
        sentinels.BeginEpoch(8);
        var (fresh, seen) = sentinels.Withheld();
        (fresh.Length, seen.Order().SequenceEqual(first.Order())).ShouldBe((0, true));
        sentinels.BeginEpoch(0);
        sentinels.Withheld().Fresh.Length.ShouldBe(0, "a loop that starts its epochs again does not make them fresh");
    }

    [Fact]
    public void Canaries_are_never_withheld_and_a_cap_takes_the_same_ones_each_time()
    {
        var canaries = new Canaries(3000, 10);
        var sentinels = Make(3000, new SentinelOptions { Share = 0.5, MostExamples = 40 }, canaries);
        canaries.Ids.ShouldAllBe(id => !sentinels.IsWithheld(id));
        var (fresh, seen) = sentinels.Withheld();
        (fresh.Length, seen.Length).ShouldBe((40, 0));
        sentinels.Withheld().Fresh.ShouldBe(fresh);
    }

    [Theory]
    [InlineData(0, 60, 10)]
    [InlineData(3, 60, 3)]
    [InlineData(0, 0, 5)]
    [InlineData(0, 2, 1)]
    public void Turns_follow_the_plan(int asked, int planned, int turn) =>
        Make(100, new SentinelOptions { EpochsATurn = asked, PlannedEpochs = planned }).EpochsATurn.ShouldBe(turn);

    [Fact]
    public void Absurd_options_name_the_field() =>
        Should.Throw<ArgumentException>(() => Make(100, new SentinelOptions { Share = 0.9 })).Message.ShouldContain("Share");
}
