using System.Globalization;
using TrainingMonitor.Load.Testing.Histories;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>Each alert of the replay is shown once by every node, was delivered at least once, and is known to the trainers that it concerns; there is no other.</summary>
internal static class AlertsCheck
{
    public static IEnumerable<Violation> Of(RunEvidence evidence, Replay replay) => Shown(evidence, replay).Concat(Delivered(evidence, replay)).Concat(Trainers(evidence, replay));

    private static IEnumerable<Violation> Shown(RunEvidence evidence, Replay replay)
    {
        foreach (var answer in evidence.Nodes)
        {
            foreach (var twice in answer.Alerts.GroupBy(alert => alert.Ordinal).Where(alerts => alerts.Count() > 1))
            {
                yield return new Violation(ViolationKind.AlertTwice, evidence.RunId, $"node {answer.Node} shows ordinal {twice.Key} {twice.Count()} times");
            }

            var shown = answer.Alerts.GroupBy(alert => alert.Ordinal).ToDictionary(alerts => alerts.Key, alerts => alerts.First());
            foreach (var alert in replay.Alerts)
            {
                if (!shown.Remove(alert.Ordinal, out var found))
                {
                    yield return new Violation(ViolationKind.AlertsDiffer, evidence.RunId, $"node {answer.Node} does not show {Name(alert)}");
                }
                else if (!found.Equals(alert))
                {
                    yield return new Violation(ViolationKind.AlertsDiffer, evidence.RunId, $"node {answer.Node} shows {found} where the replay gives {alert}");
                }
            }

            foreach (var extra in shown.Values)
            {
                yield return new Violation(ViolationKind.AlertsDiffer, evidence.RunId, $"node {answer.Node} shows {Name(extra)}, which the replay does not give");
            }
        }
    }

    private static IEnumerable<Violation> Delivered(RunEvidence evidence, Replay replay)
    {
        if (evidence.Deliveries is null)
        {
            yield break;
        }

        var expected = Told(replay.Alerts).ToHashSet();
        foreach (var missing in expected.Except(evidence.Deliveries))
        {
            yield return new Violation(ViolationKind.AlertNotDelivered, evidence.RunId, missing.ToString());
        }

        foreach (var extra in evidence.Deliveries.Except(expected))
        {
            yield return new Violation(ViolationKind.AlertInvented, evidence.RunId, extra.ToString());
        }
    }

    /// <summary>What a receiver is told: what begins to fire and what resolves after that. A pending alert that goes away is never told, and neither is its end.</summary>
    private static IEnumerable<Delivery> Told(IEnumerable<Alert> alerts)
    {
        var firing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var alert in alerts)
        {
            if ((alert.State == AlertState.Firing && firing.Add(alert.Id)) || (alert.State == AlertState.Resolved && firing.Remove(alert.Id)))
            {
                yield return new Delivery(alert.State == AlertState.Firing ? "firing" : "resolved", alert.Rule, alert.Layer, alert.Step.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    private static IEnumerable<Violation> Trainers(RunEvidence evidence, Replay replay)
    {
        var real = replay.Alerts.Select(alert => (alert.Ordinal, $"{alert.Id} {alert.State}")).ToHashSet();
        foreach (var history in evidence.Histories)
        {
            var seen = history.Entries.Where(entry => entry.Kind == HistoryKind.Alert).Select(entry => (entry.Ordinal, entry.Text)).ToHashSet();
            foreach (var (ordinal, text) in seen.Except(real))
            {
                yield return new Violation(ViolationKind.AlertInventedToTrainer, evidence.RunId, $"{history.Name} was told of alert {ordinal}, {text}");
            }

            foreach (var alert in history.IsSettled ? replay.Detail.ActiveAlerts.Where(alert => alert.State == AlertState.Firing) : [])
            {
                if (!seen.Contains((alert.Ordinal, $"{alert.Id} {alert.State}")))
                {
                    yield return new Violation(ViolationKind.AlertNotSeenByTrainer, evidence.RunId, $"{history.Name} does not know of {Name(alert)}");
                }
            }
        }
    }

    private static string Name(Alert alert) => $"alert {alert.Ordinal}, {alert.Id} {alert.State} at step {alert.Step}";
}
