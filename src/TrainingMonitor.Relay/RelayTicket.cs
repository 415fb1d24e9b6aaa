using System.Security.Cryptography;
using System.Text;

namespace TrainingMonitor.Relay;

/// <summary>Who may connect: whoever knows the secret and, where these are named, is that process and that user.</summary>
public sealed class RelayTicket
{
    private readonly byte[] secretHash;
    private int uses;

    /// <summary>Makes one.</summary>
    /// <param name="secret">What a client must know.</param>
    /// <param name="user">User id of the process.</param>
    /// <param name="processId">Process id; null: any of the user's.</param>
    /// <param name="once">Valid for one connection.</param>
    public RelayTicket(string secret, uint user, int? processId = null, bool once = false)
    {
        Secret = secret;
        secretHash = SHA256.HashData(Encoding.UTF8.GetBytes(secret));
        (User, ProcessId) = (user, processId);
        uses = once ? 1 : int.MaxValue;
    }

    /// <summary>The secret.</summary>
    public string Secret { get; }

    /// <summary>User id that the kernel must name.</summary>
    public uint User { get; }

    /// <summary>Process id that the kernel must name; null: any.</summary>
    public int? ProcessId { get; }

    /// <summary>A secret of 256 bits.</summary>
    public static string NewSecret() => RandomNumberGenerator.GetHexString(64, lowercase: true);

    /// <summary>Null, or why this connection is not welcome. Counts a use only where it is.</summary>
    internal string? Refuses(string secret, Sockets.PeerCredentials peer)
    {
        // A hash first: the time of the comparison says nothing about the secret, and not its length.
        if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(secret)), secretHash))
        {
            return "the secret is wrong";
        }

        if (peer.UserId != User)
        {
            return $"it is user {peer.UserId}, user {User} is expected";
        }

        if (ProcessId is { } expected && peer.ProcessId != expected)
        {
            return $"it is process {peer.ProcessId}, process {expected} is expected";
        }

        return Interlocked.Decrement(ref uses) >= 0 ? null : "the secret was used before";
    }
}
