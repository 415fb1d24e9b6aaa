using Microsoft.Extensions.Time.Testing;
using TrainingMonitor.Runs.Clustering.Formation;

namespace TrainingMonitor.Runs.Tests.Clustering;

/// <summary>Which of two clusters that live side by side ends.</summary>
public sealed class IslandWatchTests
{
    private readonly FakeTimeProvider time = new();

    [Theory]
    [InlineData("b", "a b c", true)]
    [InlineData("a c", "a b c", false)]
    [InlineData("a b c", "a b c", false)]
    [InlineData("b c", "a b c d", true)]
    [InlineData("a d", "a b c d", false)]
    [InlineData("a", "", false)]
    public void The_smaller_or_the_one_without_the_lowest_address(string mine, string living, bool ends)
    {
        var watch = new IslandWatch(TimeSpan.FromSeconds(20), time);
        Look(watch, mine, living).ShouldBeFalse("not at the first look");
        time.Advance(TimeSpan.FromSeconds(20));
        Look(watch, mine, living).ShouldBe(ends);
    }

    [Theory]
    [InlineData("b", "a c")]
    [InlineData("c d", "a b")]
    public void Of_two_that_see_the_same_one_ends(string one, string other)
    {
        var all = one + " " + other;
        var (first, second) = (new IslandWatch(TimeSpan.Zero, time), new IslandWatch(TimeSpan.Zero, time));
        (Look(first, one, all) ^ Look(second, other, all)).ShouldBeTrue();
    }

    [Fact]
    public void A_dead_nodes_entry_that_goes_in_time_ends_nobody()
    {
        var watch = new IslandWatch(TimeSpan.FromSeconds(20), time);
        Look(watch, "b", "a b").ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(10));
        Look(watch, "b", "b").ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(15));
        Look(watch, "b", "a b").ShouldBeFalse();
    }

    private static bool Look(IslandWatch watch, string mine, string living) =>
        watch.MustEnd(mine.Split(' '), living.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
