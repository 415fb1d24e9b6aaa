using System.Buffers.Binary;
using System.Text;

namespace TrainingMonitor.Logs.Tests.Support;

/// <summary>Writes TensorBoard event files by the book: its own checksums (bit by bit) and its own protobuf.</summary>
internal static class EventWriter
{
    public static byte[] Version => Framed([.. Fixed64(1, BitConverter.DoubleToUInt64Bits(1.7e9)), .. Bytes(3, "brain.Event:2"u8)]);

    public static byte[] Scalar(string tag, long step, float value, double wallTime = 1.7e9) =>
        Event(step, wallTime, [.. Bytes(1, Encoding.UTF8.GetBytes(tag)), .. Fixed32(2, BitConverter.SingleToUInt32Bits(value))]);

    /// <summary>As TensorFlow 2 writes it: a float tensor of no dimensions with its bytes in tensor_content.</summary>
    public static byte[] Tensor(string tag, long step, float value)
    {
        var content = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(content, value);
        return Event(step, 1.7e9, [.. Bytes(1, Encoding.UTF8.GetBytes(tag)), .. Bytes(8, [.. Number(1, 1), .. Bytes(2, []), .. Bytes(4, content)])]);
    }

    public static byte[] Framed(byte[] data)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)data.Length);
        return [.. length, .. Masked(length), .. data, .. Masked(data)];
    }

    public static uint Crc(ReadOnlySpan<byte> data, uint polynomial)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ polynomial;
            }
        }

        return ~crc;
    }

    public static byte[] Bytes(int field, ReadOnlySpan<byte> data) => [.. Varint(((ulong)field << 3) | 2), .. Varint((ulong)data.Length), .. data];

    public static byte[] Number(int field, ulong value) => [.. Varint((ulong)field << 3), .. Varint(value)];

    private static byte[] Event(long step, double wallTime, byte[] value) =>
        Framed([.. Fixed64(1, BitConverter.DoubleToUInt64Bits(wallTime)), .. Number(2, (ulong)step), .. Bytes(5, Bytes(1, value))]);

    private static byte[] Masked(byte[] data)
    {
        var crc = Crc(data, 0x82f63b78);
        var masked = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(masked, unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8u));
        return masked;
    }

    private static byte[] Fixed64(int field, ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return [.. Varint(((ulong)field << 3) | 1), .. bytes];
    }

    private static byte[] Fixed32(int field, uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return [.. Varint(((ulong)field << 3) | 5), .. bytes];
    }

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }
}
