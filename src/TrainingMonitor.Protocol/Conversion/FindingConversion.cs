using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Protocol.Conversion;

/// <summary>Turns a detector's finding into an alert transition.</summary>
public static class FindingConversion
{
    /// <summary>Converts.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="runId">The run.</param>
    /// <param name="layer">Name of the finding's layer; empty: the whole run.</param>
    /// <param name="ordinal">Ordinal of the transition in the run.</param>
    /// <param name="attempt">Attempt it was seen in.</param>
    /// <param name="segment">Segment it was seen in.</param>
    public static Alert ToAlert(this Finding finding, string runId, string layer, ulong ordinal, int attempt, int segment)
    {
        ArgumentNullException.ThrowIfNull(finding);
        var rule = DetectionRules.Name(finding.Rule);
        var evidence = new Evidence
        {
            Statistic = finding.Statistic,
            Value = finding.Value,
            Threshold = finding.Threshold,
            WindowFrom = Step(finding.WindowFrom),
            WindowTo = Step(finding.WindowTo),
            FalseAlarmControl = finding.FalseAlarmControl,
        };
        evidence.Missing.Add(finding.Missing);

        // Sorted, so that the bytes of an alert do not depend on the order of a hash table.
        foreach (var (name, value) in finding.Values.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            evidence.Values.Add(name, value);
        }

        return new Alert
        {
            Id = AlertId(runId, rule, layer),
            Ordinal = ordinal,
            RunId = runId,
            Rule = rule,
            Layer = layer,
            Severity = (Severity)(int)finding.Severity,
            State = State(finding.State),
            Attempt = (uint)attempt,
            Segment = (uint)segment,
            Step = Step(finding.Step),
            TimeUnixNs = finding.TimeUnixNs,
            SinceStep = Step(finding.SinceStep),
            Evidence = evidence,
            Summary = finding.Summary,
            Advice = finding.Advice,
        };
    }

    /// <summary>"run/rule" or "run/rule/layer".</summary>
    public static string AlertId(string runId, string rule, string layer) =>
        string.IsNullOrEmpty(layer) ? $"{runId}/{rule}" : $"{runId}/{rule}/{layer}";

    private static AlertState State(FindingState state) => state switch
    {
        FindingState.Pending => AlertState.Pending,
        FindingState.Firing => AlertState.Firing,
        FindingState.Resolved => AlertState.Resolved,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };

    private static ulong Step(long step) => (ulong)Math.Max(0, step);
}
