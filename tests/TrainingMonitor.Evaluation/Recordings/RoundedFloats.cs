namespace TrainingMonitor.Evaluation.Recordings;

/// <summary>Float series for a compressor: each value is rounded to 13 bits of mantissa (6·10⁻⁵ of itself, far below the noise of one batch), and the
/// four bytes of the floats are written plane by plane, so that alike bytes lie together. Infinities and NaN are kept.</summary>
internal static class RoundedFloats
{
    private const int DroppedBits = 10;

    /// <summary>A value as it will be read back.</summary>
    public static double Round(double value) => BitConverter.Int32BitsToSingle(Bits(value));

    /// <summary>Writes the values.</summary>
    public static void Write(BinaryWriter writer, ReadOnlySpan<double> values)
    {
        var planes = new byte[4 * values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var bits = Bits(values[i]);
            for (var plane = 0; plane < 4; plane++)
            {
                planes[(plane * values.Length) + i] = (byte)(bits >> (8 * plane));
            }
        }

        writer.Write(values.Length);
        writer.Write(planes);
    }

    /// <summary>Reads them back.</summary>
    public static double[] Read(BinaryReader reader)
    {
        var count = reader.ReadInt32();
        var planes = reader.ReadBytes(checked(4 * count));
        if (planes.Length != 4 * count)
        {
            throw new EndOfStreamException("A track is cut short.");
        }

        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            var bits = 0;
            for (var plane = 0; plane < 4; plane++)
            {
                bits |= planes[(plane * count) + i] << (8 * plane);
            }

            values[i] = BitConverter.Int32BitsToSingle(bits);
        }

        return values;
    }

    private static int Bits(double value)
    {
        var bits = BitConverter.SingleToInt32Bits((float)value);
        if (!double.IsFinite(value) || !float.IsFinite((float)value))
        {
            return double.IsNaN(value) ? BitConverter.SingleToInt32Bits(float.NaN) : bits;
        }

        // Half of the last kept bit, so that rounding is to nearest; a carry moves into the exponent as it should.
        return (bits + (1 << (DroppedBits - 1))) & ~((1 << DroppedBits) - 1);
    }
}
