using System.Globalization;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>Each node shows the state that the replay gives, bit for bit.</summary>
internal static class StateCheck
{
    public static IEnumerable<Violation> Of(RunEvidence evidence, Replay replay)
    {
        var expected = Flat(replay.Detail);
        foreach (var answer in evidence.Nodes)
        {
            var shown = Flat(answer.Detail);
            var wrong = expected.Where(line => !string.Equals(shown.GetValueOrDefault(line.Key, "absent"), line.Value, StringComparison.Ordinal))
                .Select(line => $"{line.Key} is {shown.GetValueOrDefault(line.Key, "absent")}, replayed {line.Value}")
                // What a node counts of streams is its own; the state's counters are all in the replay.
                .Concat(shown.Keys.Except(expected.Keys, StringComparer.Ordinal).Where(key => !key.StartsWith("counters/", StringComparison.Ordinal)).Select(key => $"{key} is {shown[key]}, replayed absent"))
                .ToList();
            if (wrong.Count > 0)
            {
                yield return new Violation(ViolationKind.StateDiffers, evidence.RunId, $"node {answer.Node}: {wrong.Count} differ, {string.Join("; ", wrong.Take(5))}");
            }
        }
    }

    private static SortedDictionary<string, string> Flat(RunDetail detail)
    {
        var flat = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var summary = detail.Summary;
        flat["summary"] = string.Create(
            CultureInfo.InvariantCulture,
            $"{summary.State} attempt {summary.Attempt} segment {summary.Segment} step {summary.Step} firing {summary.FiringAlerts} worst {summary.WorstSeverity} started {summary.StartedUnixNs} updated {summary.UpdatedUnixNs} loss {summary.Loss:R}");
        flat["segments"] = string.Join(' ', detail.Segments.Select(segment => $"{segment.Attempt}/{segment.Segment_}:{segment.FirstStep}-{segment.LastStep}"));
        flat["active alerts"] = string.Join(' ', detail.ActiveAlerts.Select(alert => $"{alert.Ordinal}:{alert.Id}={alert.State}"));
        foreach (var (name, value) in detail.Estimates)
        {
            flat["estimates/" + name] = value.ToString("R", CultureInfo.InvariantCulture);
        }

        foreach (var (name, layers) in detail.LayerEstimates)
        {
            flat["layers/" + name] = string.Join(' ', layers.Values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
        }

        foreach (var (name, value) in detail.Counters)
        {
            flat["counters/" + name] = value.ToString(CultureInfo.InvariantCulture);
        }

        return flat;
    }
}
