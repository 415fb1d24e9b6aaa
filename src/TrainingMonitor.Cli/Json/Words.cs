using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Json;

/// <summary>Wire values as the words and numbers that people and scripts read.</summary>
internal static class Words
{
    private const long NanosecondsPerTick = 100;

    /// <summary>State in lower case.</summary>
    public static string Of(RunState state) => state switch
    {
        RunState.Running => "running",
        RunState.Stalled => "stalled",
        RunState.Finished => "finished",
        RunState.Failed => "failed",
        _ => "unknown",
    };

    /// <summary>Severity in lower case.</summary>
    public static string Of(Severity severity) => severity switch
    {
        Severity.Info => "info",
        Severity.Warning => "warning",
        Severity.Critical => "critical",
        _ => "unknown",
    };

    /// <summary>State in lower case.</summary>
    public static string Of(AlertState state) => state switch
    {
        AlertState.Pending => "pending",
        AlertState.Firing => "firing",
        AlertState.Resolved => "resolved",
        _ => "unknown",
    };

    /// <summary>JSON has no NaN and no infinities: null.</summary>
    public static double? Finite(double value) => double.IsFinite(value) ? value : null;

    /// <summary>Null for 0.</summary>
    public static DateTimeOffset? Time(long unixNanoseconds) =>
        unixNanoseconds <= 0 ? null : DateTimeOffset.UnixEpoch.AddTicks(unixNanoseconds / NanosecondsPerTick);
}
