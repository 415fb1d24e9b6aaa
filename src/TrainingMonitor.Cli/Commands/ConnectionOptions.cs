using System.CommandLine;
using TrainingMonitor.Cli.Connection;

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

    /// <summary>Adds the options to the root command.</summary>
    public void AddTo(Command root)
    {
        root.Add(server);
        root.Add(http);
        root.Add(token);
    }

    /// <summary>The server that a parsed command line means.</summary>
    public ServerLocation Locate(CliContext context, ParseResult parsed) =>
        ServerLocation.Find(parsed.GetValue(server), parsed.GetValue(http), parsed.GetValue(token), context.Variable);
}
