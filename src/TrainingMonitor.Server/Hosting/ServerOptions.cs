using System.ComponentModel.DataAnnotations;

namespace TrainingMonitor.Server.Hosting;

/// <summary>Options of the server. Sources in rising order: defaults, settings file, TRAINMON_* environment, command line;
/// <see cref="ServerOptionsReport"/> brings them together and says where each value came from.</summary>
public sealed record ServerOptions
{
    /// <summary>Folder for the frame log, series, snapshots and the token. Default: TRAINMON_DATA, else ~/.local/share/trainmon.</summary>
    public string DataFolder { get; init; } = "";

    /// <summary>Address both ports listen on: an IP address or "localhost". Addresses that other machines reach need
    /// TLS (<see cref="TlsCertificate"/>) and tokens or client certificates, or <see cref="Insecure"/>.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>gRPC port; 0: any free one.</summary>
    [Range(0, 65535)]
    public int GrpcPort { get; init; } = 4650;

    /// <summary>HTTP port of pages, JSON, health and metrics; 0: any free one.</summary>
    [Range(0, 65535)]
    public int HttpPort { get; init; } = 4651;

    /// <summary>No token is asked for. Must be said.</summary>
    public bool NoAuth { get; init; }

    /// <summary>Takes connections from other machines that are not encrypted, or asks them for nothing (<see cref="NoAuth"/>). Must be said.</summary>
    public bool Insecure { get; init; }

    /// <summary>Certificate of both ports, PEM, with the certificates between it and its CA. Empty: no TLS. Read again when the files change.</summary>
    public string TlsCertificate { get; init; } = "";

    /// <summary>Its key, PEM.</summary>
    public string TlsKey { get; init; } = "";

    /// <summary>CA of client certificates, PEM. Empty: none are asked for. Who shows none needs a token.</summary>
    public string ClientCa { get; init; } = "";

    /// <summary>JSON file that says whose client certificate may do what: docs/operations.md.</summary>
    public string ClientIdentities { get; init; } = "";

    /// <summary>Bearer token. Default: the file "token" of the data folder, made at the first start. Secret: masked wherever options are shown.</summary>
    [MinLength(16)]
    public string? Token { get; init; }

    /// <summary>Address of the pages as others write it ("https://monitor.lab:4651"), for links in alerts, answers to trainers and at the start. Empty: what the server listens on.</summary>
    public string PublicUrl { get; init; } = "";

    /// <summary>Further host names, comma separated, that pages and JSON may be asked for by; "localhost" and loopback addresses always are.</summary>
    public string AllowedHosts { get; init; } = "";

    /// <summary>Largest frame, bytes.</summary>
    [Range(1024, 64 << 20)]
    public int MaxFrameBytes { get; init; } = 4 << 20;

    /// <summary>Largest layer table.</summary>
    [Range(1, 1_000_000)]
    public int MaxLayers { get; init; } = 20_000;

    /// <summary>Longest name of a layer, bytes of UTF-8.</summary>
    [Range(1, 4096)]
    public int MaxLayerNameBytes { get; init; } = 256;

    /// <summary>Reports (steps of a rank) that one token may send in a second; twice as many at once.</summary>
    [Range(1, 100_000_000)]
    public int ReportsPerSecond { get; init; } = 200_000;

    /// <summary>Queries that one token may ask in a second, over HTTP and gRPC; twice as many at once.</summary>
    [Range(1, 1_000_000)]
    public int QueriesPerSecond { get; init; } = 200;

    /// <summary>Trainer streams that one token may have open.</summary>
    [Range(1, 1_000_000)]
    public int StreamsPerToken { get; init; } = 10_000;

    /// <summary>Runs that one token may have open streams of.</summary>
    [Range(1, 1_000_000)]
    public int RunsPerToken { get; init; } = 5_000;

    /// <summary>Runs with an actor at once.</summary>
    [Range(1, 1_000_000)]
    public int MaxRuns { get; init; } = 10_000;

    /// <summary>Trainer streams (ranks) at once.</summary>
    [Range(1, 1_000_000)]
    public int MaxStreams { get; init; } = 20_000;

    /// <summary>Time a new stream has to send its Hello, seconds.</summary>
    [Range(0.05, 600)]
    public double HelloSeconds { get; init; } = 10;

    /// <summary>Time trainers have to leave after GoAway, seconds.</summary>
    [Range(0, 600)]
    public double DrainSeconds { get; init; } = 5;

    /// <summary>Disk the frame log may take, bytes; what recovery needs is always kept.</summary>
    [Range(1 << 20, long.MaxValue)]
    public long LogBytes { get; init; } = 8L << 30;

    /// <summary>Largest file of the audit log, bytes; a full one is kept aside.</summary>
    [Range(4096, 1 << 30)]
    public long AuditBytes { get; init; } = 8 << 20;

    /// <summary>Files of the audit log, the newest included; the oldest goes.</summary>
    [Range(2, 1000)]
    public int AuditFiles { get; init; } = 8;

    /// <summary>InfluxDB that gets a copy of all series and alerts ("http://127.0.0.1:8086"). Empty: none.</summary>
    public string InfluxUrl { get; init; } = "";

    /// <summary>Its database; "database/retention-policy" on 1.x, the bucket on 2.x.</summary>
    [Required(AllowEmptyStrings = false)]
    public string InfluxDatabase { get; init; } = "trainmon";

    /// <summary>Its organization, which 2.x asks for.</summary>
    public string InfluxOrganization { get; init; } = "";

    /// <summary>File that holds its token, or "user:password" of 1.x. Empty: none is sent.</summary>
    public string InfluxTokenFile { get; init; } = "";

    /// <summary>Bodies to it are compressed.</summary>
    public bool InfluxGzip { get; init; }

    /// <summary>Disk that may hold what it has not taken yet, bytes; above it the oldest is dropped.</summary>
    [Range(1 << 20, long.MaxValue)]
    public long InfluxSpoolBytes { get; init; } = 1L << 30;

    /// <summary>JSON file that says who is told of alerts. Empty: nobody, or as <see cref="Notifications"/> says.</summary>
    public string NotifyConfig { get; init; } = "";

    /// <summary>The same as a section of the settings file, or JSON in the environment.</summary>
    public string Notifications { get; init; } = "";

    /// <summary>Time between points of the node's own numbers in it (measurement "monitor"), seconds.</summary>
    [Range(0.1, 3600)]
    public double InfluxHealthSeconds { get; init; } = 10;

    /// <summary>OpenTelemetry collector that gets the server's own traces and metrics, OTLP over HTTP ("http://127.0.0.1:4318"). Empty: none.</summary>
    public string OtlpEndpoint { get; init; } = "";

    /// <summary>Time between exports of metrics to it, seconds.</summary>
    [Range(0.1, 3600)]
    public double OtlpSeconds { get; init; } = 30;

    /// <summary>Log to standard error as "text", or as "json": one object a line.</summary>
    [RegularExpression("^(text|json)$", ErrorMessage = "must be text or json")]
    public string LogFormat { get; init; } = "text";

    /// <summary>Least severe lines of the server's own log: "debug", "information", "warning" or "error". Those of the libraries in it are written from "warning" on.</summary>
    [RegularExpression("^(debug|information|warning|error)$", ErrorMessage = "must be debug, information, warning or error")]
    public string LogLevel { get; init; } = "warning";

    /// <summary>A run's state is saved after so many inputs ...</summary>
    [Range(1, 10_000_000)]
    public int SnapshotInputs { get; init; } = 10_000;

    /// <summary>... or after this time where there were any, seconds. Both bound what a start after a kill has to read from the frame log.</summary>
    [Range(0.1, 86_400)]
    public double SnapshotSeconds { get; init; } = 30;

    /// <summary>This server is one node of a cluster: docs/cluster.md. Needs <see cref="Postgres"/> and <see cref="InfluxUrl"/>.</summary>
    public bool Cluster { get; init; }

    /// <summary>Name of the cluster; nodes of another name are not let in.</summary>
    [Required(AllowEmptyStrings = false)]
    public string ClusterName { get; init; } = "trainmon";

    /// <summary>Host name or address at which the other nodes reach this one. Empty: <see cref="Address"/>.</summary>
    public string ClusterHost { get; init; } = "";

    /// <summary>Port at which they do; 0: any free one.</summary>
    [Range(0, 65535)]
    public int ClusterPort { get; init; } = 4652;

    /// <summary>Address that it listens on for them. Empty: <see cref="ClusterHost"/>.</summary>
    public string ClusterBind { get; init; } = "";

    /// <summary>Port that it listens on for them, where something stands between; 0: <see cref="ClusterPort"/>.</summary>
    [Range(0, 65535)]
    public int ClusterBindPort { get; init; }

    /// <summary>Other nodes, "host:port", comma separated; a name with several addresses (a headless service) counts as all of them.</summary>
    public string ClusterSeeds { get; init; } = "";

    /// <summary>What this node does, comma separated: "ingest" takes trainers, "runs" has runs, "web" answers readers.</summary>
    [Required(AllowEmptyStrings = false)]
    public string ClusterRoles { get; init; } = "ingest,runs,web";

    /// <summary>Certificate that nodes show each other, PEM. Empty: none, and connections between nodes are not encrypted.</summary>
    public string ClusterCertificate { get; init; } = "";

    /// <summary>Its key, PEM.</summary>
    public string ClusterKey { get; init; } = "";

    /// <summary>CA of the nodes' certificates, PEM; it should sign nothing else.</summary>
    public string ClusterCa { get; init; } = "";

    /// <summary>Silence of a node after which it is taken for unreachable, seconds.</summary>
    [Range(0.5, 60)]
    public double ClusterHeartbeatSeconds { get; init; } = 2;

    /// <summary>Time after which the majority removes unreachable nodes, seconds.</summary>
    [Range(1, 300)]
    public double ClusterStableSeconds { get; init; } = 5;

    /// <summary>Time that the first node looks for others before it forms a cluster, seconds.</summary>
    [Range(1, 600)]
    public double ClusterFormationSeconds { get; init; } = 10;

    /// <summary>Time that handing runs over may take when the node leaves, seconds.</summary>
    [Range(1, 600)]
    public double ClusterLeaveSeconds { get; init; } = 15;

    /// <summary>gRPC address at which trainers reach this node ("http://node-1:4650"): those of its runs that came to another node are sent here. Empty: they are served where they came.</summary>
    public string AdvertiseGrpc { get; init; } = "";

    /// <summary>PostgreSQL that the nodes share ("Host=db;Username=trainmon;Password=…;Database=trainmon"). Secret: masked wherever options are shown.</summary>
    public string Postgres { get; init; } = "";

    /// <summary>File that holds the same.</summary>
    public string PostgresFile { get; init; } = "";

    /// <summary>Log that is kept of each run beyond what recovery needs, for recordings, bytes.</summary>
    [Range(0, 1L << 40)]
    public long RunLogBytes { get; init; } = 64L << 20;
}
