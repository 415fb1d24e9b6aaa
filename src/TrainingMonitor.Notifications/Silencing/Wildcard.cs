namespace TrainingMonitor.Notifications.Silencing;

/// <summary>Patterns with "*" for any text; everything else stands for itself.</summary>
internal static class Wildcard
{
    // Greedy with one point to go back to: linear in the text for every piece of the pattern, so that no pattern is slow.
    public static bool Matches(string pattern, string text)
    {
        int p = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, mark) = (p++, t);
            }
            else if (p < pattern.Length && pattern[p] == text[t])
            {
                (p, t) = (p + 1, t + 1);
            }
            else if (star >= 0)
            {
                (p, t) = (star + 1, ++mark);
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }
}
