namespace TrainingMonitor.Server.Pages.Charts;

/// <summary>What the charts are to show.</summary>
/// <param name="Replace">In place of everything drawn so far; else behind it.</param>
/// <param name="Series">New points by series name; names without points are absent.</param>
public sealed record ChartUpdate(bool Replace, IReadOnlyDictionary<string, SeriesPoints> Series);
