using System.Collections.Frozen;
using System.Data.Common;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Server.Errors;

namespace TrainingMonitor.Server.Security.Tokens;

/// <summary>The tokens in force: found by hash, gone at once when they are revoked and within a second of their end. Where nodes share them, what another node did counts here
/// within two seconds; while the store does not answer, those known last hold. Thread-safe.</summary>
internal sealed partial class TokenBook : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly ITokenStore store;
    private readonly TimeProvider time;
    private readonly ILogger<TokenBook> logger;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    // Around what is written and read again: never held by a request that only shows its token.
    private readonly Lock keeping = new();
    private readonly Dictionary<string, Live> byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Live> byHash = new(StringComparer.Ordinal);
    private bool failing;

    public TokenBook(ITokenStore store, TimeProvider time, ILogger<TokenBook> logger)
    {
        (this.store, this.time, this.logger) = (store, time, logger);
        foreach (var entry in store.Read())
            Add(entry);
        timer = time.CreateTimer(_ => Look(), null, Interval, Interval);
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
        lock (keeping)
        {
            if (!Keep(() => store.Add(entry)))
                throw Refusal.Invalid("name", $"there is a token \"{name}\"; revoke it first, or choose another name.", Grpc.Core.StatusCode.AlreadyExists);
            Live? before;
            lock (gate)
            {
                // One of that name that another node has revoked just now may still be known here.
                before = Forget(name);
                Add(entry);
            }

            before?.End.Cancel();
        }

        return (entry, token);
    }

    /// <summary>Ends a token and every stream that runs on it. False: there is none of that name.</summary>
    public bool Revoke(string name)
    {
        bool found;
        Live? live;
        lock (keeping)
        {
            found = Keep(() => store.Remove(name));
            lock (gate)
                live = Forget(name);
        }

        live?.End.Cancel();
        return found || live is not null;
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

    /// <summary>Returns it, for its end to be told when the lock is free: what ends may ask for its token.</summary>
    private Live? Forget(string name)
    {
        if (byName.Remove(name, out var live))
        {
            byHash.Remove(Key(live.Entry.Hash));
            byHash.Remove(Key(live.Entry.CookieHash));
        }

        return live;
    }

    private static bool Keep(Func<bool> write)
    {
        try
        {
            return write();
        }
        catch (DbException error)
        {
            throw Refusal.Unavailable($"The tokens cannot be written now: {error.Message}", TimeSpan.FromSeconds(5));
        }
    }

    private void Look()
    {
        Expire();
        // One that waits for a database that is away is enough.
        if (store.IsShared && keeping.TryEnter())
        {
            try
            {
                Follow(store.Read());
                failing = false;
            }
            catch (DbException error)
            {
                if (!failing)
                    NotRead(error);
                failing = true;
            }
            finally
            {
                keeping.Exit();
            }
        }
    }

    /// <summary>Other nodes have made and revoked tokens.</summary>
    private void Follow(IReadOnlyList<TokenEntry> entries)
    {
        var kept = entries.Select(entry => Key(entry.Hash)).ToHashSet(StringComparer.Ordinal);
        List<Live> gone;
        lock (gate)
        {
            gone = [.. byName.Values.Where(live => !kept.Contains(Key(live.Entry.Hash)))];
            gone.ForEach(live => Forget(live.Entry.Name));
            foreach (var entry in entries.Where(entry => !byName.ContainsKey(entry.Name)))
                Add(entry);
        }

        gone.ForEach(live => live.End.Cancel());
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The tokens that the nodes share cannot be read; those known last hold until they can.")]
    private partial void NotRead(Exception error);

    private sealed record Live(TokenEntry Entry, Caller Caller, CancellationTokenSource End)
    {
        public bool HasEnded(DateTimeOffset now) => Entry.Expires is { } end && end <= now;
    }
}
