using System.Security.Cryptography;
using TrainingMonitor.Server.Security.Tokens;

namespace TrainingMonitor.Server.Security;

/// <summary>The server's own token, with all rights. Kept as hashes, compared in constant time.</summary>
internal sealed class ServerToken
{
    /// <summary>Name of the page cookie.</summary>
    public const string CookieName = "trainmon";

    private readonly byte[] hash, cookieHash;

    private ServerToken(bool required, string token)
    {
        Required = required;
        hash = TokenText.Hash(token);
        Cookie = TokenText.Cookie(token);
        cookieHash = TokenText.Hash(Cookie);
    }

    /// <summary>False: nothing is asked for.</summary>
    public bool Required { get; }

    /// <summary>Value of the page cookie.</summary>
    public string Cookie { get; }

    public static ServerToken Of(string token) => new(required: true, token);

    public static ServerToken None() => new(required: false, Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));

    /// <summary>Whether the text is the token.</summary>
    public bool IsToken(ReadOnlySpan<char> text) => CryptographicOperations.FixedTimeEquals(TokenText.Hash(text), hash);

    /// <summary>Whether the page cookie is right.</summary>
    public bool IsCookie(ReadOnlySpan<char> text) => CryptographicOperations.FixedTimeEquals(TokenText.Hash(text), cookieHash);
}
