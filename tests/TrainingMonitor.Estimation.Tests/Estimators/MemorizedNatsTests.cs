using TrainingMonitor.Estimation.Estimators;

namespace TrainingMonitor.Estimation.Tests.Estimators;

public sealed class MemorizedNatsTests
{
    [Fact]
    public void Loss_that_falls_by_its_gain_is_not_memorized()
    {
        var nats = default(MemorizedNats);
        for (var t = 0; t < 200; t++)
        {
            nats.Add(0.01, 1, 3 - (0.01 * t));
        }

        nats.Fresh.ShouldBe(1.99, 1e-9);
        nats.Value.ShouldBe(0, 1e-9);
    }

    [Fact]
    public void Loss_that_falls_without_gain_is_memorized()
    {
        var nats = default(MemorizedNats);
        for (var t = 0; t < 400; t++)
        {
            nats.Add(0, 1, t < 200 ? 2 : 1);
        }

        nats.Value.ShouldBe(1, 1e-3);
    }

    [Fact]
    public void Thinned_pairs_count_for_their_steps()
    {
        var nats = default(MemorizedNats);
        for (var t = 0; t < 400; t += 4)
        {
            nats.Add(0.005, 4, 3 - (0.005 * t));
        }

        nats.Value.ShouldBe(0, 1e-9);
    }

    [Fact]
    public void A_break_counts_neither_the_loss_nor_the_gain_that_nobody_saw()
    {
        var nats = default(MemorizedNats);
        for (var t = 0; t < 300; t++)
        {
            nats.Add(0, 1, t < 150 ? 2 : 1.5);
        }

        var before = nats.Value;
        nats.Break();
        for (var t = 0; t < 300; t++)
        {
            nats.Add(0, 1, 0.1);
        }

        nats.Value.ShouldBe(before, 1e-9);
        before.ShouldBe(0.5, 0.01);
    }

    [Fact]
    public void Before_the_first_pair_there_is_nothing() => double.IsNaN(default(MemorizedNats).Value).ShouldBeTrue();
}
