using System.Collections.Frozen;
using TrainingMonitor.Server.Errors;

namespace TrainingMonitor.Server.Security.Tokens;

/// <summary>The tokens in force: found by hash, gone at once when they are revoked and within a second of their end. Thread-safe.</summary>
internal sealed class TokenBook : IDisposable
{
    private readonly TokenStore store;
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private readonly Dictionary<string, Live> byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Live> byHash = new(StringComparer.Ordinal);

    public TokenBook(TokenStore store, TimeProvider time)
    {
        (this.store, this.time) = (store, time);
        foreach (var entry in store.Read())
            Add(entry);
        timer = time.CreateTimer(_ => Expire(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>All that are kept, ended ones included, by name.</summary>
    public IReadOnlyList<TokenEntry> Entries
    {
        get
        {
            lock (gate)
                return [.. byName.Values.Select(live => live.Entry).OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>Whether any token is in force.</summary>
    public bool Any
    {
        get
        {
            lock (gate)
                return byName.Values.Any(live => !live.HasEnded(time.GetUtcNow()));
        }
    }

    /// <summary>Makes a token; the text is returned here and never again.</summary>
    /// <exception cref="Grpc.Core.RpcException">The name is taken.</exception>
    public (TokenEntry Entry, string Token) Create(string name, TokenScopes scopes, IReadOnlyList<string>? projects, DateTimeOffset? expires)
    {
        var token = TokenText.Create();
        var entry = new TokenEntry(name, TokenText.Hash(token), TokenText.Hash(TokenText.Cookie(token)), scopes, projects, time.GetUtcNow(), expires);
        lock (gate)
        {
            if (byName.ContainsKey(name))
                throw Refusal.Invalid("name", $"there is a token \"{name}\"; revoke it first, or choose another name.", Grpc.Core.StatusCode.AlreadyExists);
            store.Add(entry);
            Add(entry);
        }

        return (entry, token);
    }

    /// <summary>Ends a token and every stream that runs on it. False: there is none of that name.</summary>
    public bool Revoke(string name)
    {
        Live? live;
        lock (gate)
        {
            if (!byName.TryGetValue(name, out live))
                return false;
            store.Remove(name);
            byName.Remove(name);
            byHash.Remove(Key(live.Entry.Hash));
            byHash.Remove(Key(live.Entry.CookieHash));
        }

        live.End.Cancel();
        return true;
    }

    /// <summary>The caller of a token or page cookie; null: there is none, or it has ended. Found by hash: how long that takes tells nothing of a token.</summary>
    public Caller? Find(ReadOnlySpan<char> text)
    {
        var key = Key(TokenText.Hash(text));
        lock (gate)
            return byHash.TryGetValue(key, out var live) && !live.HasEnded(time.GetUtcNow()) ? live.Caller : null;
    }

    public void Dispose()
    {
        timer.Dispose();
        store.Dispose();
    }

    private static string Key(byte[] hash) => Convert.ToHexString(hash);

    private void Add(TokenEntry entry)
    {
        var end = new CancellationTokenSource();
        var live = new Live(entry, new Caller(entry.Name, CallerKind.Token, entry.Scopes, entry.Projects?.ToFrozenSet(StringComparer.Ordinal), end.Token), end);
        byName.Add(entry.Name, live);
        byHash.Add(Key(entry.Hash), live);
        byHash.Add(Key(entry.CookieHash), live);
    }

    private void Expire()
    {
        var now = time.GetUtcNow();
        Live[] over;
        lock (gate)
            over = [.. byName.Values.Where(live => live.HasEnded(now) && !live.End.IsCancellationRequested)];
        foreach (var live in over)
            live.End.Cancel();
    }

    private sealed record Live(TokenEntry Entry, Caller Caller, CancellationTokenSource End)
    {
        public bool HasEnded(DateTimeOffset now) => Entry.Expires is { } end && end <= now;
    }
}
