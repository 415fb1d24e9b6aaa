using Spectre.Console;
using Spectre.Console.Rendering;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Rendering;

/// <summary>One run on one screen: progress, estimates, charts, alerts.</summary>
internal static class RunView
{
    private const int ChartHeight = 5;
    private const int Frame = 14;
    private const int MaxWidth = 160;
    private const int ShownAlerts = 8;

    /// <summary>Draws the run.</summary>
    /// <param name="state">What is known of it.</param>
    /// <param name="width">Columns of the terminal.</param>
    public static IRenderable Of(RunViewState state, int width)
    {
        width = Math.Min(width, MaxWidth);
        var rows = new List<IRenderable> { new Markup(Header(state.Summary)) };
        var estimates = EstimateRows.Line(state.Estimates);
        if (estimates.Length > 0)
        {
            rows.Add(new Markup(estimates));
        }

        rows.AddRange(Charts(state, width));
        foreach (var alert in state.Alerts.TakeLast(ShownAlerts))
        {
            rows.Add(new Markup(AlertLine.Markup(alert, withRun: false)));
        }

        if (state.Alerts.Count == 0)
        {
            rows.Add(new Markup("[green]No alerts.[/]"));
        }

        return new Rows(rows);
    }

    /// <summary>"run  running  step 120/600  ████░░ 20%".</summary>
    public static string Header(RunSummary run)
    {
        var head = $"[bold]{Markup.Escape(run.RunId)}[/]  {RunsTable.State(run.State)}  step {run.Step}";
        if (run.PlannedSteps == 0)
        {
            return head;
        }

        var share = Math.Min(1, (run.Step + 1.0) / run.PlannedSteps);
        const int Cells = 30;
        var full = (int)Math.Round(share * Cells);
        return $"{head}/{run.PlannedSteps}  [teal]{new string('█', full)}[/][grey]{new string('░', Cells - full)}[/] {share:P0}";
    }

    private static IEnumerable<IRenderable> Charts(RunViewState state, int width)
    {
        var perRow = Math.Max(1, Math.Min(3, width / 40));
        var chartWidth = Math.Max(10, (width / perRow) - Frame);
        var panels = ChartSpec.All
            .Select(spec => state.Series.FirstOrDefault(series => series.Name == spec.Series) is { } series
                ? SeriesChart.Of(spec, series, chartWidth, ChartHeight)
                : null)
            .OfType<Panel>()
            .ToArray();
        foreach (var chunk in panels.Chunk(perRow))
        {
            var grid = new Grid();
            foreach (var _ in chunk)
            {
                grid.AddColumn(new GridColumn().PadLeft(0).PadRight(1).NoWrap());
            }

            yield return grid.AddRow([.. chunk]);
        }
    }
}
