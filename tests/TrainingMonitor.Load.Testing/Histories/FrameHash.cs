using System.Security.Cryptography;

namespace TrainingMonitor.Load.Testing.Histories;

/// <summary>Names the bytes of a frame.</summary>
public static class FrameHash
{
    /// <summary>The first 16 hexadecimal digits of their SHA-256.</summary>
    public static string Of(ReadOnlySpan<byte> frame)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(frame, hash);
        return Convert.ToHexStringLower(hash[..8]);
    }
}
