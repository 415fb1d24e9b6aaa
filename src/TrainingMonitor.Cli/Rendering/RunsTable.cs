using Spectre.Console;
using TrainingMonitor.Cli.Json;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Rendering;

/// <summary>The list of runs.</summary>
internal static class RunsTable
{
    /// <summary>Newest activity first, as the server sends them.</summary>
    public static Table Of(IEnumerable<RunSummary> runs, DateTimeOffset now)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Run", "Project", "State", "Step", "Loss", "Alerts", "Last report");
        table.Columns[3].RightAligned();
        table.Columns[4].RightAligned();
        table.Columns[5].RightAligned();
        foreach (var run in runs)
        {
            table.AddRow(
                Markup.Escape(run.RunId),
                Markup.Escape(run.Project),
                State(run.State),
                run.PlannedSteps == 0 ? $"{run.Step}" : $"{run.Step}/{run.PlannedSteps}",
                Numbers.Short(run.Loss),
                Alerts(run),
                Words.Time(run.UpdatedUnixNs) is { } updated ? $"{Numbers.Duration(now - updated)} ago" : "–");
        }

        return table;
    }

    /// <summary>State with its colour.</summary>
    public static string State(RunState state) => state switch
    {
        RunState.Running => "[green]running[/]",
        RunState.Stalled => "[yellow]stalled[/]",
        RunState.Failed => "[red]failed[/]",
        _ => Words.Of(state),
    };

    private static string Alerts(RunSummary run) => run.FiringAlerts == 0
        ? "0"
        : run.WorstSeverity switch
        {
            Severity.Critical => $"[red]{run.FiringAlerts}[/]",
            Severity.Warning => $"[yellow]{run.FiringAlerts}[/]",
            _ => $"[blue]{run.FiringAlerts}[/]",
        };
}
