using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Server.Hosting;

namespace TrainingMonitor.Server.Security.Tls;

/// <summary>Whose client certificate may do what, from a JSON file that is read again when it changes: an entry that is gone or different ends what runs on it.</summary>
internal sealed class ClientIdentities : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true,
    };

    private readonly string path;
    private readonly ILogger log;
    private readonly WatchedFiles file;
    private readonly ITimer timer;
    private volatile IReadOnlyList<Entry> entries;

    public ClientIdentities(ServerOptions options, TimeProvider time, ILogger<ClientIdentities> log)
    {
        (path, this.log) = (options.ClientIdentities, log);
        file = new WatchedFiles(path);
        file.HaveChanged();
        entries = [.. Read(path).Select(Made)];
        timer = time.CreateTimer(_ => Look(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>What is wrong with the file, or null.</summary>
    public static string? Problem(string path)
    {
        try
        {
            _ = Read(path);
            return null;
        }
        catch (InvalidOperationException error)
        {
            return error.Message;
        }
    }

    /// <summary>The caller of a certificate that the CA has signed; null: no entry is for it. The first that fits counts.</summary>
    public Caller? Find(X509Certificate2 certificate)
    {
        var subject = CertificateNames.Subject(certificate.Subject);
        var alternatives = CertificateNames.Alternatives(certificate).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return entries.FirstOrDefault(entry => entry.Identity.Subject is { } wanted ? CertificateNames.Subject(wanted) == subject : alternatives.Contains(entry.Identity.San!))?.Caller;
    }

    public void Dispose() => timer.Dispose();

    private void Look()
    {
        try
        {
            if (!file.HaveChanged())
                return;
            var old = entries;
            // An entry that stays keeps its caller, and its streams.
            entries = [.. Read(path).Select(identity => old.FirstOrDefault(entry => entry.Text == Text(identity)) ?? Made(identity))];
            log.IdentitiesLoaded(entries.Count);
            foreach (var gone in old.Except(entries))
                gone.End.Cancel();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            log.NotReloaded(nameof(ServerOptions.ClientIdentities), error.Message);
        }
    }

    private static ClientIdentity[] Read(string path)
    {
        ClientIdentity[] identities;
        try
        {
            identities = JsonSerializer.Deserialize<ClientIdentity[]>(File.ReadAllBytes(path), Json) ?? [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InvalidOperationException($"ClientIdentities: {path} is no list of identities: {error.Message}", error);
        }

        for (var i = 0; i < identities.Length; i++)
        {
            var problem = identities[i] switch
            {
                { Name.Length: 0 } => "name: is missing.",
                { Subject: null, San: null } or { Subject: not null, San: not null } => "subject, san: say one of them.",
                { San: { } san } when !san.Contains(':', StringComparison.Ordinal) => $"san: \"{san}\" is not like DNS:name, URI:address or EMAIL:address.",
                { Scopes: var scopes } when ScopeWords.Read(scopes) is null or TokenScopes.None => "scopes: name some of ingest, read, admin.",
                { Projects.Count: 0 } => "projects: name some, or leave it out for all.",
                { Projects: { } projects } when projects.Any(p => p.Length == 0 || p.Contains('*', StringComparison.Ordinal)) => "projects: one is no project name.",
                _ => null,
            };
            if (problem is not null)
                throw new InvalidOperationException($"ClientIdentities ({path}): [{i}].{problem}");
        }

        return identities;
    }

    private static string Text(ClientIdentity identity) => JsonSerializer.Serialize(identity, Json);

    private static Entry Made(ClientIdentity identity)
    {
        var end = new CancellationTokenSource();
        var scopes = ScopeWords.Read(identity.Scopes) ?? TokenScopes.None;
        return new Entry(identity, Text(identity), new Caller(identity.Name, CallerKind.Certificate, scopes, identity.Projects?.ToFrozenSet(StringComparer.Ordinal), end.Token), end);
    }

    private sealed record Entry(ClientIdentity Identity, string Text, Caller Caller, CancellationTokenSource End);
}
