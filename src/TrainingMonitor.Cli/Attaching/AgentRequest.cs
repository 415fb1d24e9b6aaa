using TrainingMonitor.Client;

namespace TrainingMonitor.Cli.Attaching;

/// <summary>What <c>attach</c> tells the agent that it starts; on standard input, since a command line can be read by anyone.</summary>
/// <param name="Folder">Folder of socket and payload, as the agent sees it; removed at the end.</param>
/// <param name="Secret">Secret of the one connection.</param>
/// <param name="ProcessId">The training process.</param>
/// <param name="StartTime">Its start, clock ticks since boot.</param>
/// <param name="User">Its user.</param>
/// <param name="Group">Its group.</param>
/// <param name="RunId">The run.</param>
/// <param name="Server">gRPC address of the server.</param>
/// <param name="Token">Token; null: none.</param>
public sealed record AgentRequest(string Folder, string Secret, int ProcessId, long StartTime, uint User, uint Group, string RunId, Uri Server, string? Token)
{
    /// <summary>Files of TLS.</summary>
    public ClientTlsFiles? Tls { get; init; }
}
