using System.Data.Common;

namespace TrainingMonitor.Server.Security.Tokens;

/// <summary>Where tokens are kept: a file of one server, or a table that the nodes of a cluster share. Thread-safe.</summary>
internal interface ITokenStore : IDisposable
{
    /// <summary>Others write to it, too.</summary>
    bool IsShared { get; }

    /// <summary>All tokens, by name.</summary>
    /// <exception cref="DbException">They cannot be read now.</exception>
    IReadOnlyList<TokenEntry> Read();

    /// <summary>Keeps a token. False: the name is taken.</summary>
    /// <exception cref="DbException">It cannot be written now.</exception>
    bool Add(TokenEntry entry);

    /// <summary>Forgets a token. False: there is none of that name.</summary>
    /// <exception cref="DbException">It cannot be written now.</exception>
    bool Remove(string name);
}
