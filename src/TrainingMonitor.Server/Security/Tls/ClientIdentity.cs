namespace TrainingMonitor.Server.Security.Tls;

/// <summary>An entry of the file of client identities: whose certificate may do what.</summary>
internal sealed record ClientIdentity
{
    /// <summary>Name in logs.</summary>
    public string Name { get; init; } = "";

    /// <summary>The certificate's subject, whole: "CN=trainer-1,O=Lab".</summary>
    public string? Subject { get; init; }

    /// <summary>One of its alternative names: "DNS:trainer-1.lab", "URI:spiffe://lab/trainer", "EMAIL:…".</summary>
    public string? San { get; init; }

    /// <summary>ingest, read, admin.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Projects; absent: all.</summary>
    public IReadOnlyList<string>? Projects { get; init; }
}
