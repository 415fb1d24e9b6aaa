using TrainingMonitor.Evaluation.Recordings;

namespace TrainingMonitor.Evaluation.Tests.Recordings;

public sealed class RoundedFloatsTests
{
    [Fact]
    public void Values_come_back_within_half_a_unit_of_thirteen_bits()
    {
        var random = new Random(1);
        double[] values = [.. Enumerable.Range(0, 5000).Select(_ => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-30, 30)))];

        var read = RoundTrip(values);

        for (var i = 0; i < values.Length; i++)
        {
            Math.Abs(read[i] - values[i]).ShouldBeLessThanOrEqualTo(Math.Abs(values[i]) * 6.2e-5);
            read[i].ShouldBe(RoundedFloats.Round(values[i]));
        }
    }

    [Fact]
    public void Special_values_are_kept()
    {
        var read = RoundTrip([double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, 1, -2, float.MaxValue]);

        read[..6].ShouldBe([double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, 1, -2]);
        read[6].ShouldBe(double.PositiveInfinity, "the next value of thirteen bits is beyond the largest float");
    }

    [Fact]
    public void A_track_that_is_cut_short_is_refused()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        RoundedFloats.Write(writer, [1, 2, 3]);
        stream.SetLength(stream.Length - 1);
        stream.Position = 0;

        Should.Throw<EndOfStreamException>(() => RoundedFloats.Read(new BinaryReader(stream)));
    }

    private static double[] RoundTrip(double[] values)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        RoundedFloats.Write(writer, values);
        stream.Position = 0;
        return RoundedFloats.Read(new BinaryReader(stream));
    }
}
