using TrainingMonitor.Client;

namespace TrainingMonitor.Cli.Connection;

/// <summary>Where a server is and the token to speak to it.</summary>
/// <param name="Grpc">gRPC address.</param>
/// <param name="Http">Address of pages, JSON and exports.</param>
/// <param name="Token">Bearer token; null: none is sent.</param>
public sealed record ServerLocation(Uri Grpc, Uri Http, string? Token)
{
    /// <summary>Files of TLS.</summary>
    public ClientTlsFiles Tls { get; init; } = ClientTlsFiles.None;

    private const string DefaultGrpc = "http://127.0.0.1:4650";

    /// <summary>Fills what the command line leaves out from the environment, then from the token file of the user's own server.</summary>
    /// <param name="grpc">As typed, or null.</param>
    /// <param name="http">As typed, or null.</param>
    /// <param name="token">As typed, or null.</param>
    /// <param name="variable">Environment variables.</param>
    /// <param name="tls">Files of TLS as typed, or null.</param>
    /// <param name="allowPlainToken">A token may cross a network unencrypted.</param>
    /// <exception cref="CliException">An address that is none, or one that a token cannot be sent to safely.</exception>
    public static ServerLocation Find(string? grpc, string? http, string? token, Func<string, string?> variable, ClientTlsFiles? tls = null, bool allowPlainToken = false)
    {
        // Of several nodes of a cluster any answers.
        var grpcAddress = grpc is not null ? Parse(grpc, "--server") : Parse((NonEmpty(variable("TRAINMON_SERVER")) ?? DefaultGrpc).Split(',')[0].Trim(), "TRAINMON_SERVER");
        var httpText = http ?? NonEmpty(variable("TRAINMON_HTTP"));
        var httpAddress = httpText is null
            ? new UriBuilder(grpcAddress) { Port = grpcAddress.Port + 1 }.Uri
            : Parse(httpText, http is null ? "TRAINMON_HTTP" : "--http");

        // A token found in a file is shown to this machine only.
        token ??= NonEmpty(variable("TRAINMON_TOKEN")) ?? (grpcAddress.IsLoopback ? TokenFile.Read(variable) : null);
        allowPlainToken |= variable("TRAINMON_PLAIN_TOKEN") is "1" or "true";
        if (token is not null && !allowPlainToken && Array.Find([grpcAddress, httpAddress], address => !address.IsLoopback && address.Scheme != Uri.UriSchemeHttps) is { } plain)
        {
            throw new CliException(
                ExitCodes.Usage,
                $"The token would cross the network to {plain.GetLeftPart(UriPartial.Authority)} in plain text: use https, an SSH tunnel to this machine, or say --allow-plain-token (TRAINMON_PLAIN_TOKEN=1).");
        }

        return new ServerLocation(grpcAddress, httpAddress, token)
        {
            Tls = new ClientTlsFiles(
                tls?.CaFile ?? NonEmpty(variable("TRAINMON_CA_FILE")), tls?.Certificate ?? NonEmpty(variable("TRAINMON_CLIENT_CERT")), tls?.Key ?? NonEmpty(variable("TRAINMON_CLIENT_KEY"))),
        };
    }

    /// <summary>A handler that speaks to it.</summary>
    /// <exception cref="CliException">A file of TLS cannot be used.</exception>
    public SocketsHttpHandler Handler()
    {
        try
        {
            return new SocketsHttpHandler { SslOptions = Tls.Read() };
        }
        catch (InvalidOperationException error)
        {
            throw new CliException(ExitCodes.Usage, $"--ca-file, --client-cert, --client-key: {error.Message}.", error);
        }
    }

    private static Uri Parse(string text, string source) =>
        Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text, UriKind.Absolute, out var address)
        && address.Scheme is "http" or "https"
            ? address
            : throw new CliException(ExitCodes.Usage, $"{source} needs an address such as {DefaultGrpc}, not '{text}'.");

    private static string? NonEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
