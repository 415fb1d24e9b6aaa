namespace TrainingMonitor.Cli.Connection;

/// <summary>Where a server is and the token to speak to it.</summary>
/// <param name="Grpc">gRPC address.</param>
/// <param name="Http">Address of pages, JSON and exports.</param>
/// <param name="Token">Bearer token; null: none is sent.</param>
public sealed record ServerLocation(Uri Grpc, Uri Http, string? Token)
{
    private const string DefaultGrpc = "http://127.0.0.1:4650";

    /// <summary>Fills what the command line leaves out from the environment, then from the token file of the user's own server.</summary>
    /// <param name="grpc">As typed, or null.</param>
    /// <param name="http">As typed, or null.</param>
    /// <param name="token">As typed, or null.</param>
    /// <param name="variable">Environment variables.</param>
    /// <exception cref="CliException">An address that is none.</exception>
    public static ServerLocation Find(string? grpc, string? http, string? token, Func<string, string?> variable)
    {
        var grpcAddress = grpc is not null ? Parse(grpc, "--server") : Parse(NonEmpty(variable("TRAINMON_SERVER")) ?? DefaultGrpc, "TRAINMON_SERVER");
        var httpText = http ?? NonEmpty(variable("TRAINMON_HTTP"));
        var httpAddress = httpText is null
            ? new UriBuilder(grpcAddress) { Port = grpcAddress.Port + 1 }.Uri
            : Parse(httpText, http is null ? "TRAINMON_HTTP" : "--http");

        // A token found in a file is shown to this machine only.
        token ??= NonEmpty(variable("TRAINMON_TOKEN")) ?? (grpcAddress.IsLoopback ? TokenFile.Read(variable) : null);
        return new ServerLocation(grpcAddress, httpAddress, token);
    }

    private static Uri Parse(string text, string source) =>
        Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text, UriKind.Absolute, out var address)
        && address.Scheme is "http" or "https"
            ? address
            : throw new CliException(ExitCodes.Usage, $"{source} needs an address such as {DefaultGrpc}, not '{text}'.");

    private static string? NonEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
