using System.Security.Cryptography;
using System.Text;

namespace TrainingMonitor.Server.Security;

/// <summary>The one token of the embedded server. Kept as hashes, compared in constant time.</summary>
internal sealed class ServerToken
{
    /// <summary>Name of the page cookie.</summary>
    public const string CookieName = "trainmon";

    private readonly byte[] hash;

    private ServerToken(bool required, string token)
    {
        Required = required;
        hash = Hash(token);
        // The cookie is derived, so that it does not give away the token, and outlives a restart.
        Cookie = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), "trainmon page"u8));
        CookieHash = Hash(Cookie);
    }

    /// <summary>False: nothing is asked for.</summary>
    public bool Required { get; }

    /// <summary>Value of the page cookie.</summary>
    public string Cookie { get; }

    private byte[] CookieHash { get; }

    public static ServerToken Of(string token) => new(required: true, token);

    public static ServerToken None() => new(required: false, Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));

    /// <summary>Whether the text is the token.</summary>
    public bool IsToken(ReadOnlySpan<char> text) => CryptographicOperations.FixedTimeEquals(Hash(text), hash);

    /// <summary>Whether an Authorization header carries the token.</summary>
    public bool IsAuthorization(string? header) =>
        !Required || (header is not null && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && IsToken(header.AsSpan(7).Trim()));

    /// <summary>Whether the page cookie is right.</summary>
    public bool IsCookie(string? value) => !Required || (value is not null && CryptographicOperations.FixedTimeEquals(Hash(value), CookieHash));

    private static byte[] Hash(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        return SHA256.HashData(bytes);
    }
}
