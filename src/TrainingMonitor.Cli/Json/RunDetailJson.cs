using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Json;

/// <summary>One run with its newest estimates.</summary>
public sealed record RunDetailJson
{
    /// <summary>The run.</summary>
    public required RunJson Run { get; init; }

    /// <summary>Newest run-level estimates by series name; absent where unknown.</summary>
    public required IReadOnlyDictionary<string, double> Estimates { get; init; }

    /// <summary>Alerts that are pending or firing; in an update of a live run: transitions since the last one.</summary>
    public required IReadOnlyList<AlertJson> Alerts { get; init; }

    /// <summary>Reports applied, duplicates dropped and so on; null in updates of a live run.</summary>
    public IReadOnlyDictionary<string, ulong>? Counters { get; init; }

    /// <summary>Whole state, from the wire.</summary>
    public static RunDetailJson Of(RunDetail detail) => new()
    {
        Run = RunJson.Of(detail.Summary),
        Estimates = Sorted(detail.Estimates),
        Alerts = [.. detail.ActiveAlerts.Select(AlertJson.Of)],
        Counters = new SortedDictionary<string, ulong>(detail.Counters, StringComparer.Ordinal),
    };

    /// <summary>One live update, from the wire.</summary>
    public static RunDetailJson Of(RunUpdate update) => new()
    {
        Run = RunJson.Of(update.Summary),
        Estimates = Sorted(update.Estimates),
        Alerts = [.. update.Alerts.Select(AlertJson.Of)],
    };

    /// <summary>Finite values in the order of their names.</summary>
    internal static SortedDictionary<string, double> Sorted(IEnumerable<KeyValuePair<string, double>> estimates)
    {
        var sorted = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, value) in estimates)
        {
            if (double.IsFinite(value))
            {
                sorted[name] = value;
            }
        }

        return sorted;
    }
}
