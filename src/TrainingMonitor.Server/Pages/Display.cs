using System.Globalization;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Server.Pages;

/// <summary>Numbers and words for people.</summary>
internal static class Display
{
    /// <summary>Four significant digits; a dash for what is not there.</summary>
    public static string Number(double value) =>
        double.IsNaN(value) ? "–"
        : double.IsInfinity(value) ? (value > 0 ? "∞" : "−∞")
        : value == 0 ? "0"
        : Math.Abs(value) is >= 1e-3 and < 1e7 ? value.ToString(Math.Abs(value) >= 1000 ? "#,0" : Decimals(Math.Abs(value)), CultureInfo.InvariantCulture)
        : value.ToString("0.###e0", CultureInfo.InvariantCulture);

    // Format of a number between 0.001 and 1000 with four significant digits.
    private static string Decimals(double size) => size >= 100 ? "0.#" : size >= 10 ? "0.##" : size >= 1 ? "0.###" : size >= 0.1 ? "0.####" : size >= 0.01 ? "0.#####" : "0.######";

    /// <summary>With thousands separated.</summary>
    public static string Count(ulong value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>"3 min ago".</summary>
    public static string Age(long unixNs, DateTimeOffset now)
    {
        if (unixNs <= 0)
            return "–";
        var seconds = (now - DateTimeOffset.UnixEpoch).TotalSeconds - unixNs / 1e9;
        return seconds < 2 ? "now"
            : seconds < 120 ? $"{seconds:0} s ago"
            : seconds < 7200 ? $"{seconds / 60:0} min ago"
            : seconds < 172_800 ? $"{seconds / 3600:0} h ago"
            : $"{seconds / 86_400:0} days ago";
    }

    public static string State(RunState state) => state switch
    {
        RunState.Running => "running",
        RunState.Stalled => "stalled",
        RunState.Finished => "finished",
        RunState.Failed => "failed",
        _ => "unknown",
    };

    public static string Severity(Severity severity) => severity switch
    {
        Protocol.V1.Severity.Critical => "critical",
        Protocol.V1.Severity.Warning => "warning",
        _ => "info",
    };

    public static string State(AlertState state) => state switch
    {
        AlertState.Pending => "pending",
        AlertState.Firing => "firing",
        AlertState.Resolved => "resolved",
        _ => "unknown",
    };

    /// <summary>"memorization_onset" → "memorization onset".</summary>
    public static string Words(string name) => name.Replace('_', ' ');

    public static string RunAddress(string runId) => "/runs/" + Uri.EscapeDataString(runId);
}
