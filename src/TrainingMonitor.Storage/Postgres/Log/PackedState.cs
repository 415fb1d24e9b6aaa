using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;

namespace TrainingMonitor.Storage.Postgres.Log;

/// <summary>A state as it is stored: its length, then its bytes by Brotli.</summary>
internal static class PackedState
{
    // As of the states at rest: docs/design/043.
    private const int Quality = 4;
    private const int Window = 22;
    private const int HeaderSize = 4;

    public static byte[] Pack(ReadOnlySpan<byte> state)
    {
        var buffer = new byte[HeaderSize + BrotliEncoder.GetMaxCompressedLength(state.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(buffer, state.Length);
        return BrotliEncoder.TryCompress(state, buffer.AsSpan(HeaderSize), out var length, Quality, Window)
            ? buffer[..(HeaderSize + length)]
            : throw new InvalidOperationException("A state does not fit the buffer that Brotli asks for.");
    }

    public static bool TryUnpack(ReadOnlySpan<byte> packed, [NotNullWhen(true)] out byte[]? state)
    {
        state = null;
        if (packed.Length < HeaderSize || BinaryPrimitives.ReadInt32LittleEndian(packed) is var size && size < 0)
        {
            return false;
        }

        state = new byte[size];
        return BrotliDecoder.TryDecompress(packed[HeaderSize..], state, out var length) && length == size;
    }
}
