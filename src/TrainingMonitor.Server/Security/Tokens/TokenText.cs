using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace TrainingMonitor.Server.Security.Tokens;

/// <summary>Making and hashing of tokens. A token is 256 random bits, so that one SHA-256 keeps it: what slow hashes with salt are for, guessing words that people
/// choose, is hopeless here, and every request would pay for it.</summary>
internal static class TokenText
{
    /// <summary>Lets scanners for leaked secrets know one.</summary>
    public const string Prefix = "trainmon_";

    /// <summary>A new token.</summary>
    public static string Create() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>SHA-256 of the text.</summary>
    public static byte[] Hash(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        return SHA256.HashData(bytes);
    }

    /// <summary>The page cookie of a token: derived, so that it does not give the token away and outlives a restart.</summary>
    public static string Cookie(string token) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), "trainmon page"u8));
}
