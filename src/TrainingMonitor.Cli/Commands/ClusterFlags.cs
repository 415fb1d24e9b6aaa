using System.CommandLine;

namespace TrainingMonitor.Cli.Commands;

/// <summary>Options of <c>trainmon serve</c> that make it a node of a cluster.</summary>
internal sealed class ClusterFlags
{
    private readonly Option<bool> cluster = new("--cluster") { Description = "Be one node of a cluster (docs/cluster.md): needs --postgres-file (or TRAINMON_POSTGRES) and --influx-url." };
    private readonly Option<int?> port = NumberOption.Whole("--cluster-port", 0, 65535, "Port that the other nodes reach (default: 4652).");

    // By the name of the server's option.
    private readonly Dictionary<string, Option<string?>> texts = new(StringComparer.Ordinal)
    {
        ["ClusterName"] = new("--cluster-name") { Description = "Name of the cluster (default: trainmon)." },
        ["ClusterHost"] = new("--cluster-host") { Description = "Host name or address that the other nodes reach (default: --address)." },
        ["ClusterSeeds"] = new("--cluster-seeds") { Description = "Other nodes, HOST:PORT, comma separated; a name with several addresses counts as all of them." },
        ["ClusterRoles"] = new("--cluster-roles") { Description = "What the node does: ingest, runs, web, comma separated (default: all three)." },
        ["ClusterCertificate"] = new("--cluster-cert") { Description = "Certificate that nodes show each other, PEM." },
        ["ClusterKey"] = new("--cluster-key") { Description = "Its key, PEM." },
        ["ClusterCa"] = new("--cluster-ca") { Description = "CA of the nodes' certificates, PEM." },
        ["AdvertiseGrpc"] = new("--advertise-grpc") { Description = "gRPC address at which trainers reach this node, to send them straight to their runs." },
        ["Postgres"] = new("--postgres") { Description = "PostgreSQL that the nodes share, as a connection string; other users of the machine see a command line, so a password belongs into a file." },
        ["PostgresFile"] = new("--postgres-file") { Description = "File with the connection string." },
    };

    public void AddTo(Command command)
    {
        command.Add(cluster);
        command.Add(port);
        foreach (var text in texts.Values)
        {
            command.Add(text);
        }
    }

    public void Say(ParseResult parsed, Action<string, string?> say)
    {
        say("Cluster", parsed.GetValue(cluster) ? "true" : null);
        say("ClusterPort", parsed.GetValue(port)?.ToString(System.Globalization.CultureInfo.InvariantCulture));
        foreach (var (name, text) in texts)
        {
            say(name, parsed.GetValue(text));
        }
    }
}
