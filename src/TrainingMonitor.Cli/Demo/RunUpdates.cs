using System.Runtime.CompilerServices;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Demo;

/// <summary>Live updates of a run whose process is ours.</summary>
internal static class RunUpdates
{
    private static readonly TimeSpan AfterExit = TimeSpan.FromSeconds(5);

    /// <summary>Updates until the server says that the run has ended; where the process ends without a goodbye, a few seconds after that.</summary>
    public static async IAsyncEnumerable<RunUpdate> UntilEndAsync(
        QueryClient client, string runId, TrainingProcess training, [EnumeratorCancellation] CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var exit = WatchExitAsync(training, over);
        var updates = client.StreamAsync(q => q.WatchRun(new WatchRunRequest { RunId = runId }, cancellationToken: over.Token), over.Token).GetAsyncEnumerator(over.Token);
        await using var ended = updates;
        while (await MoveNextAsync(updates, over.Token, stop))
        {
            yield return updates.Current;
        }

        await over.CancelAsync();
        await exit;
    }

    private static async Task<bool> MoveNextAsync(IAsyncEnumerator<RunUpdate> updates, CancellationToken over, CancellationToken stop)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (Exception error) when (over.IsCancellationRequested && error is CliException or OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            return false;
        }
    }

    private static async Task WatchExitAsync(TrainingProcess training, CancellationTokenSource over)
    {
        try
        {
            await training.WaitAsync(over.Token);
            await Task.Delay(AfterExit, over.Token);
            await over.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // The stream ended first, as it should.
        }
    }
}
