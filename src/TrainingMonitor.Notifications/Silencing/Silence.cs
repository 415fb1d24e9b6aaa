namespace TrainingMonitor.Notifications.Silencing;

/// <summary>Alerts that nobody is told of for a while. A field left empty matches everything; "*" in one stands for any text.</summary>
public sealed record Silence
{
    /// <summary>Short name, made by the server.</summary>
    public string Id { get; init; } = "";

    /// <summary>Pattern of project names.</summary>
    public string Project { get; init; } = "";

    /// <summary>Pattern of run ids.</summary>
    public string Run { get; init; } = "";

    /// <summary>Pattern of rules.</summary>
    public string Rule { get; init; } = "";

    /// <summary>Pattern of layer names.</summary>
    public string Layer { get; init; } = "";

    /// <summary>"info", "warning" or "critical".</summary>
    public string Severity { get; init; } = "";

    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When it ends.</summary>
    public DateTimeOffset Until { get; init; }

    /// <summary>Why.</summary>
    public string Comment { get; init; } = "";

    /// <summary>Who.</summary>
    public string Author { get; init; } = "";

    internal bool Covers(string project, Protocol.V1.Alert alert, string severity) =>
        Fits(Project, project) && Fits(Run, alert.RunId) && Fits(Rule, alert.Rule) && Fits(Layer, alert.Layer) && Fits(Severity, severity);

    private static bool Fits(string pattern, string text) => pattern.Length == 0 || Wildcard.Matches(pattern, text);
}
