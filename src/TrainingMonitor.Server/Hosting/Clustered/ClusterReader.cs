using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TrainingMonitor.Runs.Clustering;
using TrainingMonitor.Storage.Postgres;

namespace TrainingMonitor.Server.Hosting.Clustered;

/// <summary>The cluster's part of the server's options.</summary>
internal static class ClusterReader
{
    private static readonly string[] KnownRoles = ["ingest", "runs", "web"];

    /// <summary>The options of the node; null: this is an embedded server. What is wrong is said by the names of <see cref="ServerOptions"/>.</summary>
    public static (ClusterOptions Cluster, PostgresOptions Postgres)? Read(ServerOptions options, List<string> problems)
    {
        if (!options.Cluster)
        {
            if (options.Postgres.Length > 0 || options.PostgresFile.Length > 0)
                problems.Add("Postgres: only a node of a cluster (Cluster, --cluster) has its runs there.");
            return null;
        }

        if (options.InfluxUrl.Length == 0)
            problems.Add("InfluxUrl: the nodes of a cluster keep their series in an InfluxDB (--influx-url).");
        if (Roles(options).Except(KnownRoles, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
            problems.Add($"ClusterRoles: \"{unknown}\" is none of {string.Join(", ", KnownRoles)}.");
        if (options.AdvertiseGrpc.Length > 0 && !(Uri.TryCreate(options.AdvertiseGrpc, UriKind.Absolute, out var advertised) && advertised.Scheme is "http" or "https"))
            problems.Add($"AdvertiseGrpc: \"{options.AdvertiseGrpc}\" is not an address; one looks like http://node-1:4650.");
        var postgres = Connection(options, problems);
        var tls = Tls(options, problems);
        var host = options.ClusterHost.Length > 0 ? options.ClusterHost : options.Address;
        if (ServerOptionsValidation.TryAddress(host, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
            problems.Add($"ClusterHost: other nodes cannot reach \"{host}\"; say by which name or address they do.");
        if (tls is null && !options.Insecure && !IsLoopback(options.ClusterBind.Length > 0 ? options.ClusterBind : host))
            problems.Add("ClusterCertificate: other machines reach the port between nodes, and whoever does can make it do anything. Give certificates (--cluster-cert, --cluster-key, --cluster-ca), or say Insecure (--insecure).");
        var cluster = new ClusterOptions
        {
            Name = options.ClusterName,
            Host = host is "localhost" ? "127.0.0.1" : host,
            Port = options.ClusterPort,
            Bind = options.ClusterBind,
            BindPort = options.ClusterBindPort,
            Seeds = Seeds(options),
            HasRuns = Has(options, "runs"),
            HeartbeatPauseSeconds = options.ClusterHeartbeatSeconds,
            StableAfterSeconds = options.ClusterStableSeconds,
            FormationSeconds = options.ClusterFormationSeconds,
            LeaveTimeout = TimeSpan.FromSeconds(options.ClusterLeaveSeconds),
            MaxFrameBytes = options.MaxFrameBytes,
            Tls = tls,
        };
        var wrong = new List<ValidationResult>();
        Validator.TryValidateObject(cluster, new ValidationContext(cluster), wrong, validateAllProperties: true);
        problems.AddRange(wrong.Select(result => $"Cluster{result.MemberNames.First()}: {result.ErrorMessage}."));
        return (cluster, new PostgresOptions { ConnectionString = postgres, RunLogBytes = options.RunLogBytes });
    }

    /// <summary>Whether the server has a role; an embedded one has all.</summary>
    public static bool Has(ServerOptions options, string role) => !options.Cluster || Roles(options).Contains(role, StringComparer.Ordinal);

    private static string[] Roles(ServerOptions options) => options.ClusterRoles.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string[] Seeds(ServerOptions options) => options.ClusterSeeds.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool IsLoopback(string host) => ServerOptionsValidation.TryAddress(host, out var address) && IPAddress.IsLoopback(address);

    private static string Connection(ServerOptions options, List<string> problems)
    {
        if (options.PostgresFile.Length == 0)
        {
            if (options.Postgres.Length == 0)
                problems.Add("Postgres: the nodes of a cluster share a PostgreSQL; give its connection string (TRAINMON_POSTGRES, or --postgres-file).");
            return options.Postgres;
        }

        try
        {
            return File.ReadAllText(options.PostgresFile).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            problems.Add($"PostgresFile: {options.PostgresFile} cannot be read: {error.Message}");
            return "";
        }
    }

    private static ClusterTls? Tls(ServerOptions options, List<string> problems)
    {
        string[] files = [options.ClusterCertificate, options.ClusterKey, options.ClusterCa];
        if (files.All(file => file.Length == 0))
            return null;
        if (files.Any(file => file.Length == 0))
        {
            problems.Add("ClusterCertificate: certificate, key and CA go together (ClusterCertificate, ClusterKey, ClusterCa).");
            return null;
        }

        try
        {
            using var pem = X509Certificate2.CreateFromPemFile(options.ClusterCertificate, options.ClusterKey);
            // Through PKCS #12, so that the key is one that the connections' library can use on every system.
            var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
            return new ClusterTls(certificate, X509Certificate2.CreateFromPem(File.ReadAllText(options.ClusterCa)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            problems.Add($"ClusterCertificate: cannot be used: {error.Message}");
            return null;
        }
    }
}
