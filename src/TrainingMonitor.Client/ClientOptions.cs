using Grpc.Core;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Client;

/// <summary>How a training process reaches its monitor. Everything has a default; environment variables (TRAINMON_*) fill what is not set in code.</summary>
public sealed record ClientOptions
{
    /// <summary>gRPC address. Default: TRAINMON_SERVER, else http://127.0.0.1:4650. TRAINMON_SERVER may name several nodes of a cluster, comma separated.</summary>
    public Uri? Server { get; init; }

    /// <summary>Further nodes of the same cluster. Trainers begin at one of all and go on to the next when it does not answer; any node takes any run.</summary>
    public IReadOnlyList<Uri> OtherServers { get; init; } = [];

    /// <summary>Run id, 1–128 bytes, no '/'. Default: TRAINMON_RUN_ID, else made from time and a random part.</summary>
    public string? RunId { get; init; }

    /// <summary>Project. Default: TRAINMON_PROJECT, else "default".</summary>
    public string? Project { get; init; }

    /// <summary>Name for display. Default: the run id.</summary>
    public string? RunName { get; init; }

    /// <summary>Rank; default: RANK, else 0.</summary>
    public int? Rank { get; init; }

    /// <summary>World size; default: WORLD_SIZE, else 1.</summary>
    public int? WorldSize { get; init; }

    /// <summary>Restart count; default: TORCHELASTIC_RESTART_COUNT or SLURM_RESTART_COUNT, else unknown.</summary>
    public int? RestartCount { get; init; }

    /// <summary>The process that is reported for, where that is not this one (a relay). Default: this process.</summary>
    public ReportedProcess? Process { get; init; }

    /// <summary>What the run is.</summary>
    public RunDescription Description { get; init; } = new();

    /// <summary>Bearer token; default: TRAINMON_TOKEN, else the token file of the same user's embedded server.</summary>
    public string? Token { get; init; }

    /// <summary>CA that the server's certificate must come from, PEM file; default: TRAINMON_CA_FILE, else what the machine trusts.</summary>
    public string? CaFile { get; init; }

    /// <summary>Certificate to show to the server, PEM file; default: TRAINMON_CLIENT_CERT, else none.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>Its key, PEM file; default: TRAINMON_CLIENT_KEY.</summary>
    public string? ClientKey { get; init; }

    /// <summary>Sends the token over connections to other machines that are not encrypted; default: TRAINMON_PLAIN_TOKEN=1, else it is refused.</summary>
    public bool? AllowPlainToken { get; init; }

    /// <summary>False turns the monitor off altogether; default: TRAINMON_MODE=disabled turns it off.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Frames kept in memory before they go to disk, bytes. Default 8 MiB.</summary>
    public int MemoryBytes { get; init; } = 8 << 20;

    /// <summary>Spill folder; default: under the user's cache folder.</summary>
    public string? SpillFolder { get; init; }

    /// <summary>Largest spill, bytes; beyond it steps are thinned. Default 512 MiB.</summary>
    public long SpillBytes { get; init; } = 512L << 20;

    /// <summary>Longest time that disposing may take. Default 3 s.</summary>
    public TimeSpan ExitTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Longest time a report waits for others to share its frame. Default 10 ms.</summary>
    public TimeSpan BatchDelay { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Bytes of reports in one frame; a larger report is split by layers. Default 64 KiB.</summary>
    public int BatchBytes { get; init; } = 64 << 10;

    /// <summary>The clock of stamps, waits and retries. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the client says, once, what is wrong. Default: one line on standard error.</summary>
    public Action<string>? Say { get; init; }

    /// <summary>Stands between the client and each of its connections: what fault tests see the frames and the acks by.</summary>
    internal Func<Uri, CallInvoker, CallInvoker>? Witness { get; init; }
}
