using TrainingMonitor.Cli.Rendering;

namespace TrainingMonitor.Cli.Tests.Rendering;

public sealed class NumbersTests
{
    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(0.41234, "0.412")]
    [InlineData(0.012345, "0.0123")]
    [InlineData(0.0012345, "0.00123")]
    [InlineData(0.00012345, "1.23e-04")]
    [InlineData(1.23456, "1.23")]
    [InlineData(9.996, "10.0")]
    [InlineData(-45.67, "-45.7")]
    [InlineData(123.4, "123")]
    [InlineData(1234.4, "1234")]
    [InlineData(12345, "12.3K")]
    [InlineData(999_950, "1.00M")]
    [InlineData(1.5e9, "1.50B")]
    [InlineData(2e13, "20.0T")]
    [InlineData(1e16, "1e+16")]
    [InlineData(double.NaN, "–")]
    [InlineData(double.PositiveInfinity, "∞")]
    [InlineData(double.NegativeInfinity, "-∞")]
    public void Three_significant_digits(double value, string text) => Numbers.Short(value).ShouldBe(text);

    [Fact]
    public void Nothing_is_a_dash() => Numbers.Short(null).ShouldBe("–");

    [Theory]
    [InlineData(-5, "0 s")]
    [InlineData(59.9, "59 s")]
    [InlineData(200, "3 min 20 s")]
    [InlineData(7500, "2 h 5 min")]
    [InlineData(400_000, "4 d")]
    public void Durations(double seconds, string text) => Numbers.Duration(TimeSpan.FromSeconds(seconds)).ShouldBe(text);
}
