using System.ComponentModel.DataAnnotations;
using System.Text;

namespace TrainingMonitor.Storage.Postgres;

/// <summary>Options of the stores that the nodes of a cluster share in PostgreSQL. Its text names no connection string, which may hold a password.</summary>
public sealed record PostgresOptions
{
    /// <summary>Npgsql connection string. A secret.</summary>
    [Required]
    public string ConnectionString { get; init; } = "";

    /// <summary>Schema of the tables; made where absent, if the user may.</summary>
    [RegularExpression("^[a-z_][a-z0-9_]{0,62}$")]
    public string Schema { get; init; } = "trainmon";

    /// <summary>Least time between the starts of two commits. A record that arrives after a pause is written at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan GroupInterval { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Longest wait before a failed commit is tried again; the first waits are shorter.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the database may fail before anyone is told, and how long a call that is not a commit is tried.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A statement that takes longer has failed.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Appends are refused above so many bytes that are not durable yet, all runs of the node together: the last line of defence behind credits.</summary>
    [Range(1L << 16, 1L << 40)]
    public long MaxPendingBytes { get; init; } = 512L << 20;

    /// <summary>So many bytes of log are kept of each run though no snapshot needs them: what a recording can be made of.</summary>
    [Range(0, 1L << 40)]
    public long RunLogBytes { get; init; } = 64L << 20;

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append($"ConnectionString = ***, Schema = {Schema}, GroupInterval = {GroupInterval}, RetryInterval = {RetryInterval}, Patience = {Patience}, ");
        builder.Append($"CommandTimeout = {CommandTimeout}, MaxPendingBytes = {MaxPendingBytes}, RunLogBytes = {RunLogBytes}");
        return true;
    }
}
