using Akka.Actor;
using Google.Protobuf;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.State;
using TrainingMonitor.Storage.Log;
using RunStatus = TrainingMonitor.Protocol.V1.RunState;
using Status = Grpc.Core.Status;

namespace TrainingMonitor.Runs.Actors;

/// <content>Inputs: judged, logged, applied.</content>
internal sealed partial class RunActor
{
    private void OnFrame(PostedFrame posted)
    {
        var stream = posted.Stream;
        stream.Taken(posted.Raw.Length);

        // A stream whose connection has just gone is still the rank's: what it brought before is taken.
        if (links.GetValueOrDefault(stream.Rank)?.Stream != stream)
        {
            return;
        }

        switch (Machine.Classify(stream.Attempt, stream.Rank, posted.Frame.Sequence))
        {
            case FrameVerdict.Next when Machine.Judge(stream.Rank, posted.Frame) is { } error:
                Refuse(stream, error.ToRpcException());
                break;
            case FrameVerdict.Next:
                Accept(stream, posted);
                break;
            case FrameVerdict.Duplicate:
                dropped.Duplicates++;
                node.Metrics.Duplicate();
                stream.AckDue = true;
                QueueFlush();
                break;
            case FrameVerdict.Gap:
                OnGap(stream);
                break;
            default:
                Refuse(stream, new RpcException(new Status(StatusCode.FailedPrecondition, $"Rank {stream.Rank} of run {runId} has said goodbye, or its attempt is over.")));
                break;
        }
    }

    private void Accept(RunStream stream, PostedFrame posted)
    {
        if (TryAppend(FrameRecordKind.Frame, stream.Attempt, stream.Rank, posted.Raw.Span) is not { } position)
        {
            return;
        }

        Machine.Apply(stream.Attempt, stream.Rank, posted.Frame, output);
        links[stream.Rank].Appended(position, posted.Frame.Sequence);
        stream.ResendFrom = 0;
        node.Metrics.FrameApplied(posted.Raw.Length);
        Applied(position);
    }

    private void OnGap(RunStream stream)
    {
        var next = Machine.Received(stream.Rank) + 1;
        if (stream.ResendFrom == next)
        {
            return;
        }

        stream.ResendFrom = next;
        dropped.Gaps++;
        node.Metrics.Gap();
        SendAck(links[stream.Rank], stream, resend: true);
    }

    private void Refuse(RunStream stream, RpcException error)
    {
        dropped.Refused++;
        node.Metrics.Refused();
        CloseStream(links[stream.Rank], error);
    }

    private bool Decide(ClockDecision decision)
    {
        decision.Attempt = (uint)Math.Max(0, Machine.Attempt);
        decision.TimeUnixNs = (node.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        return Append(new Input { Clock = decision }, Machine.Attempt, 0);
    }

    private bool Append(Input input, int attempt, int rank)
    {
        if (TryAppend(FrameRecordKind.Input, attempt, rank, input.ToByteArray()) is not { } position)
        {
            return false;
        }

        Machine.Apply(input, output);
        Applied(position);
        return true;
    }

    private long? TryAppend(FrameRecordKind kind, int attempt, int rank, ReadOnlySpan<byte> body)
    {
        try
        {
            var position = hold.Append(kind, attempt, rank, body);
            snapshots.OnAppended();
            (logFailed, logFailureTold) = (false, false);
            return position;
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            OnLogFailed(error);
            return null;
        }
    }

    private void Applied(long position)
    {
        (last, lastInput) = (position, node.Time.GetTimestamp());
        if (Machine.Defect is { } defect)
        {
            node.Metrics.Defect();
            LogDefect(runId, position, defect);
        }

        if (output.Alerts.Count > alertsPublished)
        {
            PublishAlerts();
        }

        news |= output.RowDue;
        if (output.Count >= OutputsAWrite)
        {
            TakeOutput();
        }

        Promise();
        QueueFlush();
    }

    // Whoever watches over the runs of all nodes knows this one by what it promises.
    private void Promise()
    {
        TimeSpan? within = Machine.Status == RunStatus.Running ? TimeSpan.FromSeconds(Machine.PromiseSeconds) : null;
        if (within != promised)
        {
            promised = within;
            hold.Promise(within);
        }
    }

    private void QueueFlush()
    {
        if (!flushQueued)
        {
            flushQueued = true;
            Self.Tell(Flush.Instance);
        }
    }

    private void TakeOutput()
    {
        if (output.Count > 0 || output.RowDue)
        {
            outputs.Add(output.Take(runId, last, Machine.Project, output.RowDue ? Machine.Row() : null));
            alertsPublished = 0;
            if (outputs.Points > node.Options.MaxPendingPoints / 2 || node.Writer.WaitingPoints > node.Options.MaxPendingPointsOfAllRuns / 2)
            {
                node.Writer.Hurry();
            }
        }
    }

    // A snapshot is of a position, and what came before that has to be in the series store as one write or more: none may span it.
    private void TakeSnapshot()
    {
        TakeOutput();
        snapshots.Take(last, Machine.Save());
    }

    private void HandToStores()
    {
        outputs.Send(durable);
        snapshots.TrySave(durable, outputs);
    }
}
