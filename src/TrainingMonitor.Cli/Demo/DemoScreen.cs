using Spectre.Console;
using Spectre.Console.Rendering;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Cli.Rendering;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Demo;

/// <summary>Progress as a live screen.</summary>
internal sealed class DemoScreen(CliContext context) : DemoProgress
{
    private static readonly TimeSpan ChartInterval = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override void Started(Uri page, string job, string runId)
    {
        context.Console.MarkupLine($"Open [link]{Markup.Escape(page.ToString())}[/]");
        context.Console.MarkupLine($"Training [bold]{Markup.Escape(job)}[/]; alerts show here and on the page.");
    }

    /// <inheritdoc/>
    public override async Task WatchAsync(QueryClient client, string runId, TrainingProcess training, CancellationToken stop)
    {
        var state = new RunViewState { Summary = new RunSummary { RunId = runId, State = RunState.Running } };
        IRenderable Picture() => RunView.Of(state, context.Console.Profile.Width);
        await context.Console.Live(Picture()).StartAsync(async screen =>
        {
            var chartsAt = context.Time.GetTimestamp();
            await foreach (var update in RunUpdates.UntilEndAsync(client, runId, training, stop))
            {
                state = RunScreen.Apply(state, update);
                if (context.Time.GetElapsedTime(chartsAt) >= ChartInterval)
                {
                    state = state with { Series = await RunScreen.SeriesAsync(client, runId, stop) };
                    chartsAt = context.Time.GetTimestamp();
                }

                screen.UpdateTarget(Picture());
            }

            state = state with { Series = await RunScreen.SeriesAsync(client, runId, stop) };
            screen.UpdateTarget(Picture());
        });
    }

    /// <inheritdoc/>
    public override void Ended(DemoSummary summary)
    {
        foreach (var line in SummaryLines.Of(summary))
        {
            context.Console.WriteLine(line);
        }
    }
}
