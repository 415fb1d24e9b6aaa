using TrainingMonitor.Client;

namespace TrainingMonitor.Relay;

/// <summary>What a relay needs.</summary>
/// <param name="Socket">Path of the Unix socket; its folder has mode 0700.</param>
/// <param name="Ticket">Who may connect.</param>
/// <param name="Server">gRPC address of the server.</param>
/// <param name="Token">Bearer token; null: the client's own rule.</param>
public sealed record RelayOptions(string Socket, RelayTicket Ticket, Uri Server, string? Token)
{
    /// <summary>Longest time that delivering goes on after a process has ended; what is left then stays on disk. Default 10 minutes.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Files of TLS; what is null is the client's own rule.</summary>
    public ClientTlsFiles Tls { get; init; } = ClientTlsFiles.None;

    /// <summary>The token may cross a network unencrypted; null: the client's own rule.</summary>
    public bool? AllowPlainToken { get; init; }

    /// <summary>Folder of what is not delivered; null: the client's own rule.</summary>
    public string? SpillFolder { get; init; }

    /// <summary>Where a sentence goes.</summary>
    public Action<string> Say { get; init; } = static _ => { };

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
