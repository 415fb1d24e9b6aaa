namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>The store has what the replay gives: every committed point, once, to the last bit, and nothing else.</summary>
internal static class PointsCheck
{
    public static IEnumerable<Violation> Of(RunEvidence evidence, Replay replay)
    {
        if (evidence.Stored is null)
        {
            yield break;
        }

        var stored = evidence.Stored.GroupBy(point => point.Identity, StringComparer.Ordinal).ToDictionary(points => points.Key, points => points.First(), StringComparer.Ordinal);
        foreach (var (position, point) in replay.Points)
        {
            if (!stored.TryGetValue(point.Identity, out var found))
            {
                if (position <= evidence.Committed)
                {
                    yield return Say(ViolationKind.PointMissing, $"{point.Identity} of position {position}, committed up to {evidence.Committed}");
                }
            }
            else if (!string.Equals(found.Values, point.Values, StringComparison.Ordinal))
            {
                yield return Say(ViolationKind.PointDiffers, $"{point.Identity} of position {position}: stored {found.Values}, replayed {point.Values}");
            }
        }

        var made = replay.Points.Select(point => point.Point.Identity).ToHashSet(StringComparer.Ordinal);
        foreach (var extra in evidence.Stored.Where(point => !made.Contains(point.Identity)))
        {
            yield return Say(ViolationKind.PointExtra, $"{extra.Identity}: {extra.Values}");
        }

        // The store keeps one point for a stamp; a step that was stamped again stands beside it.
        foreach (var twice in evidence.Stored.GroupBy(point => point.Step, StringComparer.Ordinal).Where(points => points.Count() > 1))
        {
            yield return Say(ViolationKind.PointTwice, $"{twice.Key}: {string.Join("; ", twice.Select(point => point.Identity))}");
        }

        if (evidence.Committed < replay.Position && replay.Points.Any(point => point.Position > evidence.Committed))
        {
            yield return Say(ViolationKind.PointsBehind, $"committed up to {evidence.Committed} of {replay.Position} though the trainers stood still");
        }

        Violation Say(ViolationKind kind, string words) => new(kind, evidence.RunId, words);
    }
}
