using TrainingMonitor.Estimation.Detection.Clocks;

namespace TrainingMonitor.Estimation.Tests.Detection.Clocks;

public sealed class TurnClockTests
{
    private static double Curve(double step, double turn) => 1 + Math.Abs(step - turn) / 1000;

    [Theory]
    [InlineData(true, false, 400)]
    [InlineData(false, true, 480)]
    public void Each_clock_alone_finds_its_own_turn(bool canaries, bool sentinels, double turn) => Find(canaries, sentinels).ShouldBe(turn, 20);

    [Fact]
    public void Both_together_find_the_turn_of_their_mean()
    {
        // Turns at 400 and 480 with the same slopes: their mean is flat between them.
        Find(true, true).ShouldBeInRange(380, 500);
    }

    [Fact]
    public void A_curve_that_still_falls_has_not_turned()
    {
        var clock = new TurnClock();
        clock.TryFind(out _).ShouldBeFalse();
        for (var step = 0; step < 300; step += 20)
        {
            clock.AddCanaries(step, Curve(step, 1000));
        }

        clock.TryFind(out _).ShouldBeFalse();
        clock.Reset();
        clock.TryFind(out _).ShouldBeFalse();
    }

    /// <summary>A slice with easy examples is released half way: the mean of the rest jumps, the rise on the same examples does not.</summary>
    [Fact]
    public void A_slice_that_is_released_makes_no_turn()
    {
        var clock = new TurnClock();
        double reference = 0, low = double.PositiveInfinity;
        for (var step = 0.0; step < 800; step += 20)
        {
            var common = Curve(step, 500);
            var loss = common + (step < 300 ? 0 : 2);
            clock.AddSentinels(step, loss, reference, step > 0 ? common - low : double.NaN);
            (low, reference) = common <= low ? (common, step) : (low, reference);
        }

        clock.TryFind(out var turn).ShouldBeTrue();
        turn.ShouldBe(500, 20);
    }

    private static double Find(bool canaries, bool sentinels)
    {
        var clock = new TurnClock();
        for (var step = 0; step < 900; step += 20)
        {
            if (canaries)
            {
                clock.AddCanaries(step - 10, Curve(step - 10, 400));
            }

            if (sentinels)
            {
                clock.AddSentinels(step, Curve(step, 480), 0, step == 0 ? double.NaN : Curve(step, 480) - Curve(0, 480));
            }
        }

        clock.TryFind(out var turn).ShouldBeTrue();
        return turn;
    }
}
