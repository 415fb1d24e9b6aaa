namespace TrainingMonitor.Server.Security.Auditing;

/// <summary>Lets one refusal of a kind through in ten seconds, and then says how many it held back: who guesses in a loop must not push out what else is in the log. Not thread-safe.</summary>
internal sealed class DeniedFilter(TimeProvider time)
{
    private const int Limit = 1024;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);
    private readonly Dictionary<(string, string, string), (long Since, int Held)> seen = [];

    /// <summary>Whether to write it, and how many like it were not written before.</summary>
    public bool Pass(AuditEntry entry, out int held)
    {
        held = 0;
        var key = (entry.Who, entry.From, entry.What);
        if (seen.TryGetValue(key, out var last) && time.GetElapsedTime(last.Since) < Quiet)
        {
            seen[key] = (last.Since, last.Held + 1);
            return false;
        }

        held = last.Held;
        if (seen.Count >= Limit)
            seen.Clear();
        seen[key] = (time.GetTimestamp(), 0);
        return true;
    }
}
