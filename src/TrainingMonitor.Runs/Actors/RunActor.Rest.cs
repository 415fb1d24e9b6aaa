using TrainingMonitor.Runs.State;
using RunStatus = TrainingMonitor.Protocol.V1.RunState;

namespace TrainingMonitor.Runs.Actors;

/// <content>A run to which nothing happens keeps its state packed: docs/design/043.</content>
internal sealed partial class RunActor
{
    private static readonly TimeSpan RestAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RestAfterWithStream = TimeSpan.FromSeconds(30);
    private TimeSpan restUntil;

    private RunStateMachine Machine => memory.State;

    /// <summary>The state is packed, and nothing is due that needs it.</summary>
    private bool Rests(TimeSpan quiet) => memory.IsPacked && quiet < restUntil && !snapshots.IsDue;

    /// <summary>Everything the state has brought forth is handed on, and nobody looks at it.</summary>
    private bool MayRest(TimeSpan quiet) =>
        quiet >= (links.Values.All(link => link.Stream is null) ? RestAfter : RestAfterWithStream)
        && !logFailed && !flushQueued && !unpublished && !output.RowDue && output.Count == 0 && outputs.IsEmpty && !snapshots.IsBusy
        && subscribers.Count == 0 && opening.Count == 0 && Machine.OldestOpenStep is null;

    private void Rest()
    {
        // The next thing that the clock will ask for: whether the run is stalled, else whether it leaves memory.
        restUntil = Machine.Status == RunStatus.Running ? TimeSpan.FromSeconds(Machine.PromiseSeconds)
            : HasEnded ? node.Options.IdleTimeout
            : node.Options.StalledIdleTimeout;
        memory.Pack();
        node.Metrics.Rested();
    }
}
