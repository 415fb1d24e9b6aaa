using System.Collections.Frozen;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace TrainingMonitor.Server.Security;

/// <summary>Who calls and what it may do. Everything that reads or writes runs asks for one, so that a way past the checks does not compile.</summary>
/// <param name="name">Name in logs and messages; never a secret.</param>
/// <param name="kind">How it showed who it is.</param>
/// <param name="scopes">What it may do.</param>
/// <param name="projects">In which projects; null: in all.</param>
/// <param name="gone">Cancelled when the right ends (revoked, expired): running streams end with it.</param>
internal sealed class Caller(string name, CallerKind kind, TokenScopes scopes, FrozenSet<string>? projects, CancellationToken gone)
{
    private static readonly object Item = new();

    /// <summary>The owner of the data folder.</summary>
    public static Caller Owner { get; } = new("owner", CallerKind.Owner, TokenScopes.Ingest | TokenScopes.Read | TokenScopes.Admin, null, CancellationToken.None);

    /// <summary>Whoever comes, where nobody is asked.</summary>
    public static Caller Anyone { get; } = new("anyone", CallerKind.Anyone, TokenScopes.Ingest | TokenScopes.Read | TokenScopes.Admin, null, CancellationToken.None);

    public string Name => name;

    /// <summary>Tells it from all others: a token and a certificate may have the same name.</summary>
    public string Key { get; } = $"{kind} {name}";

    public CallerKind Kind => kind;

    public TokenScopes Scopes => scopes;

    /// <summary>Its projects; null: all.</summary>
    public FrozenSet<string>? Projects => projects;

    /// <summary>Ends with the right.</summary>
    public CancellationToken Gone => gone;

    /// <summary>The caller of a request that has passed the gate.</summary>
    /// <exception cref="InvalidOperationException">It has not: a defect, and the request ends there.</exception>
    public static Caller Of(HttpContext context) => context.Items[Item] as Caller ?? throw new InvalidOperationException("Nobody was asked who calls.");

    /// <summary>Notes the caller of a request.</summary>
    public void Attach(HttpContext context) => context.Items[Item] = this;

    public bool May(TokenScopes scope) => (scopes & scope) == scope || (scopes & TokenScopes.Admin) != TokenScopes.None;

    /// <summary>Whether runs of a project exist for it.</summary>
    public bool Sees(string project) => projects is null || projects.Contains(project);

    /// <summary>Whether it may do what an endpoint demands; the sentence says what is missing.</summary>
    public bool Meets(Demand demand, out string missing)
    {
        missing = !May(demand.Scope) ? $"{Words()} may {ScopeWords.Of(scopes)}; this needs the scope {ScopeWords.Of(demand.Scope)}."
            : demand.AllProjects && projects is not null ? $"{Words()} is for {string.Join(", ", projects.Order(StringComparer.Ordinal))}; this needs a token for all projects."
            : "";
        return missing.Length == 0;
    }

    /// <summary>Ends what goes on for a caller whose right has ended.</summary>
    /// <exception cref="RpcException">UNAUTHENTICATED.</exception>
    public void Check()
    {
        if (gone.IsCancellationRequested)
            throw Ended();
    }

    /// <summary>What a stream ends with.</summary>
    public RpcException Ended() => new(new Status(StatusCode.Unauthenticated, $"{Words()} was revoked or has expired."));

    private string Words() => kind == CallerKind.Certificate ? $"The certificate of \"{name}\"" : $"The token \"{name}\"";
}
