namespace TrainingMonitor.Server.Security;

/// <summary>Marks the few endpoints that ask for nothing: health, metrics, scripts and styles, the login page. They hold no name and no number of a run.</summary>
internal sealed class OpenToAll
{
    public static OpenToAll Instance { get; } = new();
}
