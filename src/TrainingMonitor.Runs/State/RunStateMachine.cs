using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Validation;
using RunStatus = TrainingMonitor.Protocol.V1.RunState;

namespace TrainingMonitor.Runs.State;

/// <summary>Everything the server knows of one run, as a pure function of its logged inputs in order: no clock, no threads, no order of hash tables.
/// The same inputs give the same state and the same outputs, bit for bit. Not thread-safe.</summary>
public sealed partial class RunStateMachine
{
    /// <summary>The list row is written again after so many steps without other news.</summary>
    private const int StepsARow = 256;
    private const double DefaultPromiseSeconds = 60;

    private readonly AttemptResolver attempts = new();
    private readonly RunCounters counters = new();
    private readonly AlertBook alerts;
    private readonly List<RankReport> alone = new(1);
    private StepApplier? applier;
    private RunAttempt? attempt;
    private RunDescription description = new();
    private int descriptionRank = int.MaxValue;
    private string project = "";
    private string name = "";
    private long startedUnixNs;
    private long updatedUnixNs;
    private int stepsSinceRow;

    /// <summary>Starts a run of which nothing is known yet.</summary>
    /// <param name="runId">The run.</param>
    public RunStateMachine(string runId)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        RunId = runId;
        alerts = new AlertBook(runId);
    }

    /// <summary>The run.</summary>
    public string RunId { get; }

    /// <summary>Where it stands; unspecified before its first stream.</summary>
    public RunStatus Status { get; private set; }

    /// <summary>Newest attempt; −1 before the first.</summary>
    public int Attempt => attempt?.Ordinal ?? -1;

    /// <summary>Seconds within which the next report is promised.</summary>
    public double PromiseSeconds => description.ReportPromiseSeconds > 0 ? description.ReportPromiseSeconds : DefaultPromiseSeconds;

    /// <summary>The oldest step that waits for ranks; null: none waits.</summary>
    public long? OldestOpenStep => attempt is { Open.Count: > 0 } ? attempt.Open.First.Key.Step : null;

    /// <summary>The defect that kept the newest input from being applied; null: none.</summary>
    public Exception? Defect { get; private set; }

    /// <summary>What a counter stands at.</summary>
    public long Count(RunCounter counter) => counters[counter];

    /// <summary>What a Hello leads to; changes nothing.</summary>
    public OpenDecision Decide(Hello hello)
    {
        ArgumentNullException.ThrowIfNull(hello);
        return project.Length > 0 && project != hello.Project
            // Who may write to one project must not take a run out of another.
            ? new OpenDecision(0, 0, null, new Grpc.Core.Status(Grpc.Core.StatusCode.FailedPrecondition, "run_id: it is taken by a run of another project; choose another id."))
            : attempts.Decide(hello, attempt);
    }

    /// <summary>What to do with a frame, by its sequence; changes nothing.</summary>
    public FrameVerdict Classify(int attemptOrdinal, int rank, ulong sequence)
    {
        if (attempt?.Ordinal != attemptOrdinal || attempt.Rank(rank) is not { } state)
        {
            return FrameVerdict.Closed;
        }

        if (sequence <= state.Received)
        {
            return FrameVerdict.Duplicate;
        }

        return state.Ended != Goodbye.Types.Reason.Unspecified ? FrameVerdict.Closed
            : sequence == state.Received + 1 ? FrameVerdict.Next
            : FrameVerdict.Gap;
    }

    /// <summary>Null, or why a frame that is the next by its sequence is refused; changes nothing.</summary>
    public FrameError? Judge(int rank, TrainerFrame frame) => attempt?.Rank(rank)?.Judge(frame);

    /// <summary>Open steps, and whether they wait for others than this rank.</summary>
    public int OpenStepsAhead(int rank) =>
        attempt is { Open.Count: > 0 } && attempt.Rank(rank) is { } state && state.Position >= attempt.Open.First.Key ? attempt.Open.Count : 0;

    /// <summary>Ranks of the newest attempt.</summary>
    public int WorldSize => attempt?.WorldSize ?? 0;

    /// <summary>The newest sequence applied of a rank of the newest attempt.</summary>
    public ulong Received(int rank) => attempt?.Rank(rank)?.Received ?? 0;

    /// <summary>Applies an opened stream or a clock decision.</summary>
    public void Apply(Input input, RunOutput output)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        Guard(() =>
        {
            if (input.Opened is { } opened)
            {
                ApplyOpened(opened, output);
            }
            else if (input.Clock is { } decision)
            {
                ApplyClock(decision, output);
            }
        });
    }

    /// <summary>Applies a frame that <see cref="Classify"/> calls the next one.</summary>
    public void Apply(int attemptOrdinal, int rank, TrainerFrame frame, RunOutput output)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentNullException.ThrowIfNull(output);
        if (attempt?.Ordinal != attemptOrdinal || attempt.Rank(rank) is not { } state)
        {
            // A log whose beginning is gone: what is left of the run is better than nothing.
            state = AdoptOrphan(attemptOrdinal, rank, output);
        }

        state.Received = frame.Sequence;
        counters.Add(RunCounter.FramesApplied);
        Defect = null;
        try
        {
            state.Accept(frame);
            ApplyFrame(state, frame, output);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Fail(error);
        }
    }

    private void Guard(Action apply)
    {
        Defect = null;
        try
        {
            apply();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Fail(error);
        }
    }

    // A defect must not take the run down, and a replay runs into the same one at the same place: the state goes on from where it was left.
    private void Fail(Exception error)
    {
        Defect = error;
        counters.Add(RunCounter.InputsFailed);
    }

    private RankState AdoptOrphan(int ordinal, int rank, RunOutput output)
    {
        if (attempt?.Ordinal != ordinal)
        {
            ApplyOpened(new Opened { Attempt = (uint)ordinal, Hello = new Hello { RunId = RunId, Rank = (uint)rank, WorldSize = (uint)rank + 1 } }, output);
        }

        return attempt!.Rank(rank) ?? attempt.AddRank(rank, "");
    }
}
