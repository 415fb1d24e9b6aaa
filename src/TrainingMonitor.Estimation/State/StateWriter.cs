using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace TrainingMonitor.Estimation.State;

/// <summary>Writes estimator state as bytes, little endian, bit exact: what <see cref="StateReader"/> reads back gives the same numbers.</summary>
public sealed class StateWriter(IBufferWriter<byte> output)
{
    /// <summary>Writes 8 bytes.</summary>
    public void Write(double value) => Write(BitConverter.DoubleToInt64Bits(value));

    /// <summary>Writes 8 bytes.</summary>
    public void Write(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    /// <summary>Writes 4 bytes.</summary>
    public void Write(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    /// <summary>Writes 1 byte.</summary>
    public void Write(bool value)
    {
        output.GetSpan(1)[0] = value ? (byte)1 : (byte)0;
        output.Advance(1);
    }

    /// <summary>Writes a length and UTF-8.</summary>
    public void Write(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Write(Encoding.UTF8.GetBytes(value));
    }

    /// <summary>Writes a length and the bytes.</summary>
    public void Write(ReadOnlySpan<byte> value)
    {
        Write(value.Length);
        output.Write(value);
    }

    /// <summary>Writes a length and the values.</summary>
    public void Write(ReadOnlySpan<double> values)
    {
        Write(values.Length);
        if (BitConverter.IsLittleEndian)
        {
            output.Write(MemoryMarshal.AsBytes(values));
            return;
        }

        foreach (var value in values)
        {
            Write(value);
        }
    }
}
