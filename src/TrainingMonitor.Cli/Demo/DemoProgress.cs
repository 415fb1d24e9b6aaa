using TrainingMonitor.Cli.Connection;

namespace TrainingMonitor.Cli.Demo;

/// <summary>What a person sees while a demo runs.</summary>
internal abstract class DemoProgress
{
    /// <summary>A live screen, or lines where there is no terminal or none is wanted.</summary>
    public static DemoProgress For(CliContext context, DemoRequest request) =>
        !request.Headless && context.Console.Profile.Capabilities.Interactive
            ? new DemoScreen(context)
            : new DemoLines(context, request.Json ? context.Error : context.Output);

    /// <summary>The server is up: says where to look, before anything else.</summary>
    public abstract void Started(Uri page, string job, string runId);

    /// <summary>Shows the run until the job has ended.</summary>
    public abstract Task WatchAsync(QueryClient client, string runId, TrainingProcess training, CancellationToken stop);

    /// <summary>Says how it ended.</summary>
    public abstract void Ended(DemoSummary summary);
}
