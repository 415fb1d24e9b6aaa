namespace TrainingMonitor.Client.Speaking;

/// <summary>Says each distinct trouble once, and once when it is over.</summary>
internal sealed class Speaker(Action<string>? say)
{
    private readonly Lock gate = new();
    private readonly HashSet<string> said = new(StringComparer.Ordinal);
    private Action<string> say = say ?? Console.Error.WriteLine;

    /// <summary>Says the sentence unless this kind of trouble was said before.</summary>
    public void Once(string trouble, string sentence)
    {
        lock (gate)
        {
            if (!said.Add(trouble))
            {
                return;
            }
        }

        Say(sentence);
    }

    /// <summary>The trouble is over: says so if the trouble was said, and lets it be said again.</summary>
    public void Over(string trouble, string sentence)
    {
        lock (gate)
        {
            if (!said.Remove(trouble))
            {
                return;
            }
        }

        Say(sentence);
    }

    private void Say(string sentence)
    {
        try
        {
            say($"monitor: {sentence}");
        }
        catch (Exception)
        {
            // The user's own Say, or a closed standard error: nobody can be told, and training must go on.
            say = static _ => { };
        }
    }
}
