using System.Buffers;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Tests.State;

public sealed class StateReaderTests
{
    [Fact]
    public void What_is_written_is_read_back_bit_for_bit()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new StateWriter(output);
        var odd = BitConverter.Int64BitsToDouble(unchecked((long)0xFFF8_0000_0000_1234));
        writer.Write(odd);
        writer.Write(long.MinValue);
        writer.Write(-7);
        writer.Write(true);
        writer.Write("слой/层 \u0001");
        writer.Write([1.5, double.NegativeInfinity, -0.0]);
        var reader = new StateReader(output.WrittenSpan);
        BitConverter.DoubleToInt64Bits(reader.ReadDouble()).ShouldBe(BitConverter.DoubleToInt64Bits(odd));
        reader.ReadInt64().ShouldBe(long.MinValue);
        reader.ReadInt32().ShouldBe(-7);
        reader.ReadBoolean().ShouldBeTrue();
        reader.ReadString().ShouldBe("слой/层 \u0001");
        var values = reader.ReadDoubles();
        values[1].ShouldBe(double.NegativeInfinity);
        double.IsNegative(values[2]).ShouldBeTrue();
        reader.Remaining.ShouldBe(0);
    }

    [Theory]
    [InlineData(new byte[] { 1, 2 })]
    [InlineData(new byte[] { 255, 255, 255, 255 })]
    [InlineData(new byte[] { 255, 255, 255, 127, 0 })]
    [InlineData(new byte[] { 9, 0, 0, 0, 1 })]
    public void Absurd_lengths_are_damage(byte[] bytes)
    {
        Should.Throw<InvalidDataException>(() => new StateReader(bytes).ReadString());
        Should.Throw<InvalidDataException>(() => new StateReader(bytes).ReadDoubles());
        Should.Throw<InvalidDataException>(() => new StateReader(bytes).Read(new double[3]));
    }
}
