namespace TrainingMonitor.Server.Pages.Charts;

/// <summary>An alert's place in a chart.</summary>
/// <param name="X">Position, in units of the axis.</param>
/// <param name="Label">Short name.</param>
/// <param name="Sentence">Its sentence.</param>
/// <param name="Severity">"info", "warning" or "critical".</param>
public sealed record ChartMarker(double X, string Label, string Sentence, string Severity);
