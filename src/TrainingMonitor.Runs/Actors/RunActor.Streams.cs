using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using Status = Grpc.Core.Status;

namespace TrainingMonitor.Runs.Actors;

/// <content>Streams: opening, acknowledgements, credits.</content>
internal sealed partial class RunActor
{
    private const int LeastCredits = 8;

    // Until the frames have been measured they may be as large as a frame can be.
    private const double FirstCredits = 16;
    private const int CreditsOfManyRanks = 64;

    // A slow run does not stand still because fast ones have filled the node.
    private const int PointsOfAnyRun = 64;
    private const int OpenStepsOfCredits = 128;

    private void OnOpen(OpenStream open)
    {
        var rank = (int)open.Hello.Rank;
        var decision = Machine.Decide(open.Hello);
        var refusal = stopping ? new Status(StatusCode.Unavailable, "The server is stopping.")
            : logFailed ? new Status(StatusCode.Unavailable, "The frame log cannot write.")
            : links.TryGetValue(rank, out var known) && known.Stream is { } newer && newer.IsNewerThan(open.Hello) ? new Status(StatusCode.Unavailable, $"Rank {rank} has a newer stream of the same process.")
            : decision.Refusal;
        if (refusal is { } status)
        {
            open.Opening.Refused(new RpcException(status));
            return;
        }

        var previous = Machine.Attempt;
        if (decision.Log is { } opened && !Append(new Input { Opened = opened }, decision.Attempt, rank))
        {
            open.Opening.Refused(new RpcException(new Status(StatusCode.Unavailable, "The frame log cannot write.")));
            return;
        }

        if (previous != Machine.Attempt)
        {
            CloseAll(new Status(StatusCode.Aborted, $"Attempt {Machine.Attempt} of run {runId} has begun."));
            links.Clear();
        }

        if (!links.TryGetValue(rank, out var link))
        {
            link = new RankLink(rank, Machine.Received(rank));
            links.Add(rank, link);
        }

        CloseStream(link, new Status(StatusCode.Aborted, $"A newer stream of rank {rank} has taken over."));
        link.Stream = new RunStream(Self, open.Session, decision.Attempt, rank, (2 * node.Options.MaxCredits) + LeastCredits, node.Options.CreditBytes / FirstCredits)
        {
            Process = open.Hello.ClientStartId,
            AskedUnixNs = open.Hello.TimeUnixNs,
        };
        node.Metrics.StreamOpened();
        opening.Add((decision.Log is null ? 0 : last, link.Stream, open.Opening));
        Welcome();
    }

    // A trainer is welcome once its attempt is durable: an ordinal it was told must still be its own after a crash.
    private void Welcome()
    {
        for (var i = 0; i < opening.Count; i++)
        {
            var (position, stream, answer) = opening[i];
            if (position > durable)
            {
                continue;
            }

            opening.RemoveAt(i--);
            if (stream.IsClosed)
            {
                answer.Refused(new RpcException(new Status(StatusCode.Aborted, "A newer stream has taken over.")));
                continue;
            }

            var received = Machine.Received(stream.Rank);
            stream.Opened(new Welcome
            {
                ProtocolVersion = 1,
                Attempt = (uint)stream.Attempt,
                ResumeAfter = received,
                Durable = links[stream.Rank].Durable,
                SendLimit = received + Credits(stream),
                FencingEpoch = (ulong)hold.Epoch,
                Server = node.Options.ServerName,
                MaxFrameBytes = (uint)node.Options.MaxFrameBytes,
                Page = node.Options.PageFormat.Length == 0 ? "" : string.Format(node.Options.PageFormat, Uri.EscapeDataString(runId)),
            });
            answer.Opened(stream);
            foreach (var alert in Machine.FiringAlerts)
            {
                stream.Send(new ServerFrame { Alert = alert });
            }
        }
    }

    private void OnDurable()
    {
        durable = Math.Max(durable, observer.Take());
        (logFailed, logFailureTold) = (false, false);
        foreach (var link in links.Values)
        {
            link.DurableUpTo(durable);
        }

        // One write a group of the log, not one a frame: its position is fixed here, so that under a steady flow the next group sends it at the latest.
        TakeOutput();
        outputs.Send(durable);
        if (HasEnded)
        {
            // Who looks at a run that has just ended should find all of it.
            node.Writer.Hurry();
        }

        snapshots.TrySave(durable, outputs);
        Welcome();
        SendAcks();
    }

    private void SendAcks()
    {
        foreach (var link in links.Values)
        {
            if (link.Stream is { IsClosed: false } stream)
            {
                SendAck(link, stream, resend: false);
            }
        }
    }

    /// <summary>Says what has changed: something became durable, credits run low and there are new ones, a duplicate came, or a frame is missing.</summary>
    private void SendAck(RankLink link, RunStream stream, bool resend)
    {
        if (!stream.IsWelcome)
        {
            return;
        }

        var received = Machine.Received(link.Rank);
        var limit = Math.Max(stream.Told.SendLimit, received + Credits(stream));
        var needsCredits = limit > stream.Told.SendLimit && stream.Told.SendLimit - Math.Min(received, stream.Told.SendLimit) < Credits(stream) / 2;
        if (!resend && !stream.AckDue && !needsCredits && link.Durable == stream.Told.Durable)
        {
            return;
        }

        var ack = new Ack { Received = received, Durable = link.Durable, SendLimit = limit, ResendFrom = resend ? received + 1 : 0 };
        (stream.Told, stream.AckDue) = (ack, false);
        stream.Send(new ServerFrame { Ack = ack });
    }

    /// <summary>Frames the stream may have in flight: none while the log, the series store or the other ranks are behind.</summary>
    private ulong Credits(RunStream stream)
    {
        if (hold.PendingBytes > node.Options.MaxPendingLogBytes
            || outputs.Points > node.Options.MaxPendingPoints
            || (outputs.Points > PointsOfAnyRun && node.Writer.WaitingPoints > node.Options.MaxPendingPointsOfAllRuns)
            || Machine.OpenStepsAhead(stream.Rank) > OpenStepsOfCredits)
        {
            return 0;
        }

        var most = Machine.WorldSize > 1 ? Math.Min(CreditsOfManyRanks, node.Options.MaxCredits) : node.Options.MaxCredits;
        return (ulong)Math.Clamp(node.Options.CreditBytes / stream.FrameBytes, Math.Min(LeastCredits, most), most);
    }

    private void OnGone(RunStream stream)
    {
        if (links.TryGetValue(stream.Rank, out var link) && link.Stream == stream)
        {
            link.Stream = null;
            node.Metrics.StreamClosed();
        }
    }

    // Another node has the run. What is here beyond the log was never durable, and its trainers send it again.
    private void OnFenced()
    {
        LogFenced(runId, hold.Epoch);
        CloseAll(new Status(StatusCode.Unavailable, "The run is on another node now; nothing is lost, connect again."));
        Context.Stop(Self);
    }

    private void OnLogFailed(Exception error)
    {
        if (!logFailureTold)
        {
            LogLogFailed(runId, error);
        }

        (logFailed, logFailureTold) = (true, true);
        CloseAll(new Status(StatusCode.Unavailable, "The frame log cannot write; nothing is lost, connect again."));
    }

    private void CloseAll(Status status)
    {
        foreach (var link in links.Values)
        {
            CloseStream(link, status);
        }
    }

    private void CloseStream(RankLink link, Status status) => CloseStream(link, new RpcException(status));

    private void CloseStream(RankLink link, RpcException error)
    {
        if (link.Stream is { } stream)
        {
            link.Stream = null;
            stream.Close(error);
            node.Metrics.StreamClosed();
        }
    }
}
