using System.CommandLine;
using System.Net;
using TrainingMonitor.Cli.Hosting;
using TrainingMonitor.Cli.Json;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon serve</c>.</summary>
internal static class ServeCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context)
    {
        var data = new Option<string?>("--data") { Description = "Folder for all state (default: TRAINMON_DATA, else the user's folder for local data)." };
        var address = new Option<string?>("--address") { Description = "Address to listen on (default: 127.0.0.1)." };
        var grpcPort = NumberOption.Whole("--grpc-port", 0, 65535, "gRPC port, 0 for any free one (default: 4650).");
        var httpPort = NumberOption.Whole("--http-port", 0, 65535, "Port of pages, JSON, health and metrics, 0 for any free one (default: 4651).");
        var noAuth = new Option<bool>("--no-auth") { Description = "Ask nobody for a token." };
        var insecure = new Option<bool>("--insecure") { Description = "Take connections from other machines that are not encrypted, or ask them for nothing. Said loudly." };
        var tlsCert = new Option<string?>("--tls-cert") { Description = "Certificate of both ports, PEM; read again when it changes." };
        var tlsKey = new Option<string?>("--tls-key") { Description = "Its key, PEM." };
        var clientCa = new Option<string?>("--client-ca") { Description = "CA of client certificates, PEM; goes with --client-identities." };
        var publicUrl = new Option<string?>("--public-url") { Description = "Address of the pages as others write it, https://monitor.lab:4651, for links in alerts and answers (default: what it listens on)." };
        var identities = new Option<string?>("--client-identities") { Description = "JSON file that says whose client certificate may do what (docs/operations.md)." };
        var influxUrl = new Option<string?>("--influx-url") { Description = "InfluxDB that gets a copy of all series and alerts, http://HOST:8086 (default: none)." };
        var influxToken = new Option<string?>("--influx-token-file") { Description = "File with its token, or user:password of InfluxDB 1.x." };
        var influxDatabase = new Option<string?>("--influx-database") { Description = "Its database, or bucket (default: trainmon)." };
        var influxOrganization = new Option<string?>("--influx-org") { Description = "Its organization, which InfluxDB 2 asks for." };
        var notify = new Option<string?>("--notify-config") { Description = "JSON file that says who is told of alerts (docs/notifications.md)." };
        var logLevel = new Option<string?>("--log-level") { Description = "Least severe lines of the log on standard error: debug, information, warning, error (default: warning)." };
        var clustering = new ClusterFlags();
        var settings = new Option<string?>("--settings") { Description = "JSON file with options (default: TRAINMON_SETTINGS)." };
        var json = CommonOptions.Json();
        var command = new Command("serve", "Run the server: trainers stream to it, people and programs read from it. Ctrl-C ends it cleanly.")
        {
            data, address, grpcPort, httpPort, noAuth, insecure, tlsCert, tlsKey, clientCa, identities, publicUrl, influxUrl, influxToken, influxDatabase, influxOrganization, notify, logLevel, settings, json,
        };
        clustering.AddTo(command);
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            var said = new Dictionary<string, string>(StringComparer.Ordinal);
            void Say(string name, string? value)
            {
                if (value is not null)
                {
                    said[name] = value;
                }
            }

            Say("DataFolder", parsed.GetValue(data));
            Say("Address", parsed.GetValue(address));
            Say("GrpcPort", parsed.GetValue(grpcPort)?.ToString());
            Say("HttpPort", parsed.GetValue(httpPort)?.ToString());
            Say("NoAuth", parsed.GetValue(noAuth) ? "true" : null);
            Say("Insecure", parsed.GetValue(insecure) ? "true" : null);
            Say("TlsCertificate", parsed.GetValue(tlsCert));
            Say("TlsKey", parsed.GetValue(tlsKey));
            Say("ClientCa", parsed.GetValue(clientCa));
            Say("ClientIdentities", parsed.GetValue(identities));
            Say("PublicUrl", parsed.GetValue(publicUrl));
            Say("InfluxUrl", parsed.GetValue(influxUrl));
            Say("InfluxTokenFile", parsed.GetValue(influxToken));
            Say("InfluxDatabase", parsed.GetValue(influxDatabase));
            Say("InfluxOrganization", parsed.GetValue(influxOrganization));
            Say("NotifyConfig", parsed.GetValue(notify));
            Say("LogLevel", parsed.GetValue(logLevel));
            clustering.Say(parsed, Say);
            await using var server = await RunningServer.StartAsync(said, parsed.GetValue(settings), context.Time, stop);
            if (server.Unsafe.Length > 0)
            {
                await context.Error.WriteLineAsync($"UNSAFE: other machines reach this server, and {server.Unsafe}. It was asked for by --insecure.");
            }

            Tell(context, server, parsed.GetValue(json));
            await server.UntilAsync(stop);
            if (server.Failure.Length > 0)
            {
                throw new CliException(ExitCodes.Failure, server.Failure);
            }

            return ExitCodes.Ok;
        }));
        return command;
    }

    private static void Tell(CliContext context, RunningServer server, bool json)
    {
        if (json)
        {
            CliJson.WriteLine(context.Output, new ServeJson(server.Grpc.ToString(), server.Http.ToString(), server.Page.ToString(), server.DataFolder, Environment.ProcessId));
            return;
        }

        // Pages go by no name that the user has not given (AllowedHosts, PublicUrl), trainers by any. A link that logs in is for the eyes of who starts it, not for a file or a journal.
        context.Output.WriteLine($"Open        {Named(context.Console.Profile.Out.IsTerminal ? server.Page : server.Pages, "127.0.0.1")}");
        context.Output.WriteLine($"Trainers    {Named(server.Grpc, IsEvery(server.Pages) ? Environment.MachineName : server.Pages.DnsSafeHost)}");
        context.Output.WriteLine($"Data        {server.DataFolder}");
        context.Output.WriteLine("Ctrl-C ends it.");
    }

    // "Every address of this machine" is none that a trainer or a browser could be given.
    private static Uri Named(Uri address, string host) => IsEvery(address) ? new UriBuilder(address) { Host = host }.Uri : address;

    private static bool IsEvery(Uri address) => IPAddress.TryParse(address.DnsSafeHost, out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any));
}
