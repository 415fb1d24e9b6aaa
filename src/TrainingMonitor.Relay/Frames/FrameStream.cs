using System.Buffers.Binary;
using System.Text.Json;

namespace TrainingMonitor.Relay.Frames;

/// <summary>Frames over a byte stream: two lengths, a JSON header, a body (docs/relay.md). Reading and writing may go on at the same time, each by one caller.</summary>
internal sealed class FrameStream(Stream stream)
{
    /// <summary>Version of the frames.</summary>
    public const int Version = 1;

    /// <summary>Longest header that is taken, bytes.</summary>
    public const int MaxHeader = 16 << 20;

    /// <summary>Longest body that is taken, bytes.</summary>
    public const int MaxBody = 64 << 20;

    private readonly byte[] lengths = new byte[8];

    /// <summary>The next frame; null at the end of the stream between two frames.</summary>
    /// <exception cref="FrameException">A frame that breaks a limit, is no JSON or has no type, or ends in its middle.</exception>
    public async Task<RelayFrame?> ReadAsync(CancellationToken stop)
    {
        var read = await stream.ReadAtLeastAsync(lengths, lengths.Length, throwOnEndOfStream: false, stop);
        if (read == 0)
        {
            return null;
        }

        if (read < lengths.Length)
        {
            throw new FrameException("the connection ended in the middle of a frame");
        }

        var (headerLength, bodyLength) = (BinaryPrimitives.ReadUInt32LittleEndian(lengths), BinaryPrimitives.ReadUInt32LittleEndian(lengths.AsSpan(4)));
        if (headerLength > MaxHeader || bodyLength > MaxBody)
        {
            throw new FrameException($"a frame of {headerLength} + {bodyLength} bytes, at most {MaxHeader} + {MaxBody} are taken");
        }

        try
        {
            var header = await ExactlyAsync((int)headerLength, stop);
            return Parse(header, await ExactlyAsync((int)bodyLength, stop));
        }
        catch (EndOfStreamException error)
        {
            throw new FrameException("the connection ended in the middle of a frame", error);
        }
    }

    /// <summary>Writes a frame without a body.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> header, CancellationToken stop)
    {
        var bytes = new byte[8 + header.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, header.Length);
        header.CopyTo(bytes.AsMemory(8));
        await stream.WriteAsync(bytes, stop);
    }

    private static RelayFrame Parse(byte[] text, byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
                ? new(type.GetString()!, root.Clone(), body)
                : throw new FrameException("a header without a type");
        }
        catch (JsonException error)
        {
            throw new FrameException($"a header that is no JSON: {error.Message}", error);
        }
    }

    // Grows with what has come: a length alone makes nobody allocate.
    private async Task<byte[]> ExactlyAsync(int length, CancellationToken stop)
    {
        if (length <= 1 << 20)
        {
            var small = new byte[length];
            await stream.ReadExactlyAsync(small, stop);
            return small;
        }

        using var parts = new MemoryStream();
        var part = new byte[1 << 20];
        while (parts.Length < length)
        {
            var wanted = (int)Math.Min(part.Length, length - parts.Length);
            await stream.ReadExactlyAsync(part.AsMemory(0, wanted), stop);
            parts.Write(part, 0, wanted);
        }

        return parts.ToArray();
    }
}
