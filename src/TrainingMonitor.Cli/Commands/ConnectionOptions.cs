using System.CommandLine;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Client;

namespace TrainingMonitor.Cli.Commands;

/// <summary>Where the server is; asked for once, valid for every subcommand.</summary>
internal sealed class ConnectionOptions
{
    private readonly Option<string?> server = new("--server")
    {
        Description = "gRPC address of the server (default: TRAINMON_SERVER, else http://127.0.0.1:4650).",
        Recursive = true,
    };

    private readonly Option<string?> http = new("--http")
    {
        Description = "HTTP address of the server (default: TRAINMON_HTTP, else the gRPC address with the next port).",
        Recursive = true,
    };

    private readonly Option<string?> token = new("--token")
    {
        Description = "Token (default: TRAINMON_TOKEN, else the token file of your own server on this machine).",
        Recursive = true,
    };

    private readonly Option<string?> caFile = new("--ca-file")
    {
        Description = "CA that the server's certificate must come from, PEM (default: TRAINMON_CA_FILE, else what the machine trusts).",
        Recursive = true,
    };

    private readonly Option<string?> clientCert = new("--client-cert") { Description = "Certificate to show to the server, PEM (default: TRAINMON_CLIENT_CERT).", Recursive = true };

    private readonly Option<string?> clientKey = new("--client-key") { Description = "Its key, PEM (default: TRAINMON_CLIENT_KEY).", Recursive = true };

    private readonly Option<bool> allowPlainToken = new("--allow-plain-token")
    {
        Description = "Send the token to another machine without encryption (default: TRAINMON_PLAIN_TOKEN, else refused).",
        Recursive = true,
    };

    /// <summary>Adds the options to the root command.</summary>
    public void AddTo(Command root)
    {
        root.Add(server);
        root.Add(http);
        root.Add(token);
        root.Add(caFile);
        root.Add(clientCert);
        root.Add(clientKey);
        root.Add(allowPlainToken);
    }

    /// <summary>The server that a parsed command line means.</summary>
    public ServerLocation Locate(CliContext context, ParseResult parsed) =>
        ServerLocation.Find(parsed.GetValue(server), parsed.GetValue(http), parsed.GetValue(token), context.Variable,
            new ClientTlsFiles(parsed.GetValue(caFile), parsed.GetValue(clientCert), parsed.GetValue(clientKey)), parsed.GetValue(allowPlainToken));
}
