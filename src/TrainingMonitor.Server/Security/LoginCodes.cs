using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace TrainingMonitor.Server.Security;

/// <summary>Codes of login links: each works once, for a day.</summary>
internal sealed class LoginCodes(TimeProvider time)
{
    private const int Limit = 256;
    private static readonly TimeSpan Life = TimeSpan.FromDays(1);
    private readonly ConcurrentDictionary<string, (DateTimeOffset Until, string Cookie)> codes = new(StringComparer.Ordinal);

    /// <summary>A new code that sets a cookie. The oldest go when too many are open.</summary>
    public string Create(string cookie)
    {
        while (codes.Count >= Limit)
            codes.TryRemove(codes.MinBy(c => c.Value.Until).Key, out _);
        var code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        codes[code] = (time.GetUtcNow() + Life, cookie);
        return code;
    }

    /// <summary>Uses a code up; the cookie to set, or null: it was not open.</summary>
    public string? TryUse(string code) => codes.TryRemove(code, out var open) && time.GetUtcNow() <= open.Until ? open.Cookie : null;
}
