using Grpc.Core;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Wire;
using TrainingMonitor.Runs.Gateway;
using TrainingMonitor.Server.Errors;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Security;
using TrainingMonitor.Server.Security.Auditing;
using TrainingMonitor.Server.Security.Limits;

namespace TrainingMonitor.Server.Ingest;

/// <summary>The trainers' endpoint: one call a rank. A reader loop hands validated frames to the run actor, a writer loop empties the outbox.</summary>
internal sealed class IngestService(
    MonitorServices services,
    SessionRegistry sessions,
    IngestMetrics metrics,
    ServerOptions options,
    ClockSkewWarning skew,
    CallerLimits limits,
    AuditLog audit,
    TimeProvider time,
    ILogger<IngestService> log) : RawIngestBase
{
    private readonly bool takesTrainers = Hosting.Clustered.ClusterReader.Has(options, "ingest");

    // For what is left to say to a trainer whose stream ends; it resumes anyway.
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(1);

    // For the disk, after a trainer has said everything.
    private static readonly TimeSpan DurableTime = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override async Task Stream(IAsyncStreamReader<RawTrainerFrame> requestStream, IServerStreamWriter<ServerFrame> responseStream, ServerCallContext context)
    {
        if (!takesTrainers)
            throw Refusal.Unavailable("This node of the cluster takes no trainers (ClusterRoles); connect to another.", TimeSpan.FromSeconds(1));
        var session = new IngestSession();
        var caller = Caller.Of(context.GetHttpContext());
        sessions.Enter(session);
        // Only when the status has been written: a server that goes closes its ports as soon as nobody is left.
        context.GetHttpContext().Response.OnCompleted(() =>
        {
            sessions.Leave(session);
            return Task.CompletedTask;
        });
        var frames = new FrameIntake(requestStream, options);
        try
        {
            var hello = await frames.HelloAsync(TimeSpan.FromSeconds(options.HelloSeconds), time, context.CancellationToken);
            if (!caller.Sees(hello.Project))
            {
                audit.Denied(context.GetHttpContext(), caller, "ingest.project", hello.Project);
                throw Refusal.Invalid("project", $"\"{hello.Project}\" is not among the projects of the token \"{caller.Name}\": {string.Join(", ", caller.Projects!.Order(StringComparer.Ordinal))}.", StatusCode.PermissionDenied);
            }

            using var place = limits.Enter(caller, hello.RunId);
            await using var ending = caller.Gone.Register(() => session.Close(caller.Ended()));
            skew.Check(hello, time.GetUtcNow(), log);
            var stream = await services.Gateway.OpenAsync(hello, session, context.CancellationToken);
            metrics.OnOpened();
            log.StreamOpened(hello.RunId, hello.Rank, stream.Welcome.Attempt, stream.Welcome.ResumeAfter);
            try
            {
                await TalkAsync(stream, session, caller, frames, responseStream, context.CancellationToken);
            }
            finally
            {
                stream.Disconnected();
                metrics.OnClosed();
                log.StreamClosed(hello.RunId, hello.Rank, frames.LastSequence);
            }
        }
        catch (RpcException error) when (!context.CancellationToken.IsCancellationRequested)
        {
            metrics.OnRefused();
            log.StreamRefused(context.Peer, error.StatusCode, error.Status.Detail);
            throw;
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or RpcException || context.CancellationToken.IsCancellationRequested)
        {
            // The trainer has gone, mid-frame or mid-answer. It comes back and resumes; there is nobody to answer.
        }
    }

    private async Task TalkAsync(IRunStream stream, IngestSession session, Caller caller, FrameIntake frames, IServerStreamWriter<ServerFrame> responses, CancellationToken cancellationToken)
    {
        var welcome = new ServerFrame { Welcome = stream.Welcome };
        session.Outbox.Begin(stream.Welcome);
        await responses.WriteAsync(welcome, cancellationToken);

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = WriteAsync(session.Outbox, responses, end.Token);
        var reading = ReadAsync(stream, session, caller, frames, end.Token);
        var first = await Task.WhenAny(reading, writing, session.Closed);
        if (first == reading && reading.IsCompletedSuccessfully)
            session.Outbox.CompleteWhenDurable(frames.LastSequence);
        else
            session.Outbox.Complete();

        end.CancelAfter(first == reading && reading.IsCompletedSuccessfully ? DurableTime : FlushTime);
        try
        {
            await writing;
        }
        catch (Exception) when (end.IsCancellationRequested || reading.IsFaulted || session.Closed.IsCompleted)
        {
            // What was left to say could not be said; the status below, or the trainer's resume, says it.
        }

        await end.CancelAsync();
        if (session.Closed.IsCompletedSuccessfully)
        {
            Observe(reading);
            throw await session.Closed;
        }

        await reading;
    }

    private async Task ReadAsync(IRunStream stream, IngestSession session, Caller caller, FrameIntake frames, CancellationToken cancellationToken)
    {
        Func<ulong> sendLimit = session.Outbox.SendLimitNow;
        while (await frames.NextAsync(sendLimit, cancellationToken) is { } next)
        {
            // A stream that was taken over must not feed the run any more.
            if (session.Closed.IsCompleted)
                return;
            limits.TakeReports(caller, next.Frame.Steps?.Reports.Count ?? 1);
            metrics.OnFrame(next.Raw.Length);
            session.Outbox.Took(next.Raw.Length);
            if (next.Frame.BodyCase == TrainerFrame.BodyOneofCase.Goodbye)
                session.Outbox.Hurry();
            stream.Post(next.Frame, next.Raw);
        }
    }

    private async Task WriteAsync(Outbox outbox, IServerStreamWriter<ServerFrame> responses, CancellationToken cancellationToken)
    {
        while (await outbox.TakeAsync(cancellationToken) is { } frame)
        {
            await responses.WriteAsync(frame, cancellationToken);
            if (frame.BodyCase == ServerFrame.BodyOneofCase.Ack)
                metrics.OnAck();
            else if (frame.BodyCase == ServerFrame.BodyOneofCase.Alert)
                metrics.OnAlert();
        }
    }

    // Ends by itself when the call does; how is of no interest then.
    private static void Observe(Task task) => _ = task.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
