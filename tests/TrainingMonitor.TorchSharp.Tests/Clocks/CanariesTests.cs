using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Tests.Clocks;

public sealed class CanariesTests
{
    [Fact]
    public void The_same_seed_gives_the_same_canaries_and_another_seed_others()
    {
        var one = new Canaries(10_000, 10, 3);
        one.Count.ShouldBe(50);
        one.Ids.Distinct().Count().ShouldBe(50);
        one.Ids.ShouldAllBe(id => id >= 0 && id < 10_000);
        new Canaries(10_000, 10, 3).Ids.ShouldBe(one.Ids);
        new Canaries(10_000, 10, 4).Ids.Intersect(one.Ids).Count().ShouldBeLessThan(5);
        new Canaries(1000, 10).Count.ShouldBe(Canaries.LeastCount);
        new Canaries(16, 2).Ids.Order().ShouldBe(Enumerable.Range(0, 16).Select(i => (long)i));
        new Canaries(1000, 10, share: 0.1).Count.ShouldBe(100);
    }

    [Theory]
    [InlineData(10, 9)]
    [InlineData(3, 2)]
    [InlineData(2, 2)]
    public void A_label_is_any_of_its_choices_equally_often(int classes, int choices)
    {
        var counts = new int[classes];
        const int Draws = 9000;
        var canaries = new Canaries(Draws, classes, 1, share: 1);
        canaries.Choices.ShouldBe(choices);
        for (var id = 0; id < Draws; id++)
        {
            counts[canaries.LabelOf(id, 1)]++;
        }

        // Five standard deviations of a binomial.
        var expected = (double)Draws / choices;
        counts.Where((_, label) => classes == 2 || label != 1).ShouldAllBe(n => Math.Abs(n - expected) < 5 * Math.Sqrt(expected));
        (classes == 2 || counts[1] == 0).ShouldBeTrue();
    }

    [Theory]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int32)]
    public void Only_canaries_are_relabelled(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var canaries = new Canaries(100, 5, 2);
        var ids = Enumerable.Range(0, 100).Select(i => (long)i).ToArray();
        var targets = tensor(ids.Select(i => i % 5).ToArray()).to(type);
        var changed = canaries.Relabel(ids, targets);
        changed.dtype.ShouldBe(type);
        for (var i = 0; i < ids.Length; i++)
        {
            var label = changed[i].to_type(ScalarType.Int64).item<long>();
            label.ShouldBe(canaries.LabelOf(i, i % 5));
            (label == i % 5).ShouldBe(!canaries.Ids.Contains(i));
        }

        targets.to_type(ScalarType.Int64).data<long>().ToArray().ShouldBe(ids.Select(i => i % 5), "the user's targets stay as they are");
        var others = ids.Except(canaries.Ids).ToArray();
        var few = targets.index_select(0, tensor(others));
        canaries.Relabel(others, few).ShouldBeSameAs(few);
        Should.Throw<ArgumentException>(() => canaries.Relabel(others, targets)).Message.ShouldContain("84 ids but targets [100]");
    }

    [Fact]
    public void Absurd_arguments_are_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => new Canaries(5, 10)).ParamName.ShouldBe("datasetSize");
        Should.Throw<ArgumentOutOfRangeException>(() => new Canaries(100, 1)).ParamName.ShouldBe("classes");
        Should.Throw<ArgumentOutOfRangeException>(() => new Canaries(100, 10, share: 1.5)).ParamName.ShouldBe("share");
    }
}
