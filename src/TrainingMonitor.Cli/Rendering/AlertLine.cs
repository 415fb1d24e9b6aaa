using TrainingMonitor.Cli.Json;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Rendering;

/// <summary>One alert transition as text.</summary>
internal static class AlertLine
{
    /// <summary>Markup: severity, rule, step, then the sentence and what to do.</summary>
    public static string Markup(Alert alert, bool withRun, bool withAdvice = true)
    {
        var colour = Colour(alert);
        var state = alert.State == AlertState.Firing ? "" : $" {Words.Of(alert.State)}";
        var where = withRun ? $"{alert.RunId} " : "";
        var layer = alert.Layer.Length == 0 ? "" : $" in {alert.Layer}";
        var head = $"[{colour}]{Sign(alert)} {Words.Of(alert.Severity)}{state}[/] {Spectre.Console.Markup.Escape(where)}[bold]{Spectre.Console.Markup.Escape(alert.Rule)}[/]"
            + $"{Spectre.Console.Markup.Escape(layer)} at step {alert.Step}: {Spectre.Console.Markup.Escape(alert.Summary)}";
        return withAdvice && alert.Advice.Length > 0 && alert.State == AlertState.Firing
            ? $"{head} [grey]{Spectre.Console.Markup.Escape(alert.Advice)}[/]"
            : head;
    }

    /// <summary>The same without colours.</summary>
    public static string Text(Alert alert)
    {
        var state = alert.State == AlertState.Firing ? "" : $" {Words.Of(alert.State)}";
        var layer = alert.Layer.Length == 0 ? "" : $" in {alert.Layer}";
        var advice = alert.State == AlertState.Firing && alert.Advice.Length > 0 ? $" {alert.Advice}" : "";
        return $"{Sign(alert)} {Words.Of(alert.Severity)}{state} {alert.Rule}{layer} at step {alert.Step}: {alert.Summary}{advice}";
    }

    private static string Colour(Alert alert) => alert.State == AlertState.Resolved
        ? "green"
        : alert.Severity switch
        {
            Severity.Critical => "red",
            Severity.Warning => "yellow",
            _ => "blue",
        };

    private static string Sign(Alert alert) => alert.State == AlertState.Resolved ? "✓" : alert.Severity == Severity.Info ? "●" : "▲";
}
