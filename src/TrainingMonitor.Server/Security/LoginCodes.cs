using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace TrainingMonitor.Server.Security;

/// <summary>Codes of login links: each works once, for a day.</summary>
internal sealed class LoginCodes(TimeProvider time)
{
    private const int Limit = 256;
    private static readonly TimeSpan Life = TimeSpan.FromDays(1);
    private readonly ConcurrentDictionary<string, DateTimeOffset> codes = new(StringComparer.Ordinal);

    /// <summary>A new code. The oldest go when too many are open.</summary>
    public string Create()
    {
        while (codes.Count >= Limit)
            codes.TryRemove(codes.MinBy(c => c.Value).Key, out _);
        var code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        codes[code] = time.GetUtcNow() + Life;
        return code;
    }

    /// <summary>Uses a code up. True: it was open.</summary>
    public bool TryUse(string code) => codes.TryRemove(code, out var until) && time.GetUtcNow() <= until;
}
