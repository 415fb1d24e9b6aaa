using TrainingMonitor.Cli.Rendering;

namespace TrainingMonitor.Cli.Tests.Rendering;

public sealed class BrailleChartTests
{
    [Fact]
    public void A_rising_line_goes_from_the_lower_left_to_the_upper_right()
    {
        var lines = BrailleChart.Draw([0, 1, 2, 3], width: 2, height: 1, low: 0, high: 3);

        // Dots at (row 3, column 0), (2, 1), (1, 2), (0, 3).
        lines.ShouldBe(["\u2860\u280a"]);
    }

    [Fact]
    public void A_jump_is_joined()
    {
        var lines = BrailleChart.Draw([0, 7], width: 1, height: 2, low: 0, high: 7);

        // Left column: the lowest dot. Right column: all dots from there to the top.
        lines.ShouldBe(["\u28b8", "\u2878"]);
    }

    [Fact]
    public void A_gap_stays_a_gap()
    {
        var lines = BrailleChart.Draw([1, double.NaN, double.NaN, 1], width: 2, height: 1, low: 0, high: 1);

        lines.ShouldBe(["\u2801\u2808"]);
    }

    [Fact]
    public void A_constant_is_drawn_in_the_middle() => BrailleChart.Draw([5, 5], 1, 1, 5, 5).ShouldBe(["\u2812"]);

    [Fact]
    public void No_values_draw_nothing() => BrailleChart.Draw([], 3, 2, 0, 1).ShouldBe(["\u2800\u2800\u2800", "\u2800\u2800\u2800"]);

    [Fact]
    public void A_spike_between_columns_is_seen()
    {
        var values = new double[1000];
        values[501] = 1;

        var lines = BrailleChart.Draw(values, width: 10, height: 2, low: 0, high: 1);

        lines[0].ShouldContain(c => c != '\u2800');
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void A_chart_needs_room(int width, int height) =>
        Should.Throw<ArgumentOutOfRangeException>(() => BrailleChart.Draw([1], width, height, 0, 1));
}
