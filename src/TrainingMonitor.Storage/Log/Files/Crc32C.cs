using System.Buffers.Binary;
using System.Numerics;

namespace TrainingMonitor.Storage.Log.Files;

/// <summary>CRC-32C (Castagnoli), by the processor's instruction where it has one.</summary>
internal static class Crc32C
{
    /// <summary>CRC of the bytes. The salt is mixed into the start value: a record that a client smuggles into its own bytes does not hold in a file
    /// whose salt it cannot know.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes, uint salt = 0)
    {
        var crc = ~salt;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
