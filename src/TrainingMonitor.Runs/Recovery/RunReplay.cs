using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.State;
using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Runs.Recovery;

/// <summary>Feeds recorded inputs, clock decisions included, straight into a state.</summary>
public static class RunReplay
{
    /// <summary>Applies one record of the machine's run.</summary>
    /// <exception cref="Google.Protobuf.InvalidProtocolBufferException">The record does not parse: it was written by something else.</exception>
    public static void Apply(RunStateMachine machine, in FrameRecord record, RunOutput output)
    {
        ArgumentNullException.ThrowIfNull(machine);
        if (record.Kind == FrameRecordKind.Frame)
        {
            machine.Apply(record.Attempt, record.Rank, TrainerFrame.Parser.ParseFrom(record.Body.Span), output);
        }
        else
        {
            machine.Apply(Input.Parser.ParseFrom(record.Body.Span), output);
        }
    }

    /// <summary>Replays a whole run from its beginning.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="records">Its records, oldest first.</param>
    /// <param name="output">Takes everything the run brought forth.</param>
    public static RunStateMachine Run(string runId, IEnumerable<FrameRecord> records, RunOutput output)
    {
        ArgumentNullException.ThrowIfNull(records);
        var machine = new RunStateMachine(runId);
        foreach (var record in records)
        {
            Apply(machine, record, output);
        }

        return machine;
    }
}
