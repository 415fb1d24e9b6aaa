using Google.Protobuf;
using Grpc.Core;
using TrainingMonitor.Client.Buffering;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Wire;

namespace TrainingMonitor.Client.Connection;

/// <summary>One stream to the server: Hello, then the frames of a backlog as far as credits reach, while acks, advice and alerts come back.</summary>
internal sealed class Session(Backlog backlog, ISessionObserver observer, TimeProvider time)
{
    private static readonly TimeSpan WelcomeTimeout = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private ulong next, sendLimit;
    private volatile bool answered;
    private volatile GoAway? goAway;

    /// <summary>Runs until all is delivered, the connection is lost or the server ends it.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<SessionEnd> RunAsync(CallInvoker invoker, string? token, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var headers = new Metadata();
        if (token is not null)
        {
            headers.Add("authorization", $"Bearer {token}");
        }

        try
        {
            using var call = invoker.AsyncDuplexStreamingCall(IngestMethods.Stream, null, new CallOptions(headers, cancellationToken: stop.Token));
            var reading = ReadAsync(call.ResponseStream, stop.Token);

            // Only once the task has ended does the writer see that it has.
            _ = reading.ContinueWith(_ => backlog.Grown.Set(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            try
            {
                return await WriteAsync(call.RequestStream, reading, stop.Token);
            }
            catch (Exception e) when (e is RpcException or IOException or HttpRequestException or InvalidOperationException && !cancellationToken.IsCancellationRequested)
            {
                // The write fails with whatever it met first (also with errors of HTTP/2); the reader has the status that the server sent.
                await Task.WhenAny(reading, Task.Delay(TimeSpan.FromSeconds(1), time, stop.Token));
                if (reading.IsFaulted)
                {
                    await reading;
                }

                return new(Outcome.Lost, answered, e.Message);
            }
            finally
            {
                await stop.CancelAsync();
                await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            return Failures.Judge(e, answered);
        }
        catch (RpcException e)
        {
            throw new OperationCanceledException("The stream was cancelled.", e, cancellationToken);
        }
    }

    private async Task<SessionEnd> WriteAsync(IClientStreamWriter<RawTrainerFrame> requests, Task<SessionEnd> reading, CancellationToken cancellationToken)
    {
        await requests.WriteAsync(new(new TrainerFrame { Hello = backlog.Opening(Stamps.Now(time)) }.ToByteArray()), cancellationToken);
        using var patience = time.CreateTimer(_ => backlog.Grown.Set(), null, WelcomeTimeout, Timeout.InfiniteTimeSpan);
        var hellod = time.GetTimestamp();
        while (true)
        {
            if (reading.IsCompleted)
            {
                return await reading;
            }

            if (!answered && time.GetElapsedTime(hellod) >= WelcomeTimeout)
            {
                return new(Outcome.Lost, answered, $"the server did not answer within {WelcomeTimeout.TotalSeconds:0} s");
            }

            if (answered && backlog.IsDelivered)
            {
                await requests.CompleteAsync();
                return new(Outcome.Delivered, answered);
            }

            if (goAway is { } away)
            {
                await requests.CompleteAsync();
                return new(
                    Outcome.GoAway,
                    answered,
                    away.Reason,
                    TimeSpan.FromSeconds(double.IsFinite(away.AfterSeconds) ? Math.Clamp(away.AfterSeconds, 0, 3600) : 0),
                    Uri.TryCreate(away.ReconnectTo, UriKind.Absolute, out var other) ? other : null);
            }

            if (TryNext(out var sequence, out var bytes))
            {
                await requests.WriteAsync(new(bytes), cancellationToken);
                lock (gate)
                {
                    // Unless a resend was asked for meanwhile.
                    next = next == sequence ? sequence + 1 : next;
                }

                continue;
            }

            if (Lost(sequence))
            {
                // The server goes on behind the hole only when a Hello says that nothing is coming for it.
                backlog.GiveUp(sequence);
                await requests.CompleteAsync();
                return new(Outcome.GoAway, answered, "frames on disk cannot be read");
            }

            await backlog.Grown.WaitAsync(cancellationToken);
        }
    }

    private bool TryNext(out ulong sequence, out ReadOnlyMemory<byte> bytes)
    {
        lock (gate)
        {
            next = answered ? Math.Max(next, backlog.Oldest) : 0;
            sequence = next;
            bytes = default;
            return answered && next <= sendLimit && backlog.TryRead(next, out bytes);
        }
    }

    /// <summary>A frame that should be there cannot be read, and all before it is safe with the server.</summary>
    private bool Lost(ulong sequence)
    {
        lock (gate)
        {
            return answered && sequence == next && sequence <= sendLimit && sequence <= backlog.Newest && backlog.Durable + 1 >= sequence
                && !backlog.TryRead(sequence, out _);
        }
    }

    private async Task<SessionEnd> ReadAsync(IAsyncStreamReader<ServerFrame> responses, CancellationToken cancellationToken)
    {
        while (await responses.MoveNext(cancellationToken))
        {
            Take(responses.Current);
            backlog.Grown.Set();
        }

        return new(Outcome.Lost, answered, "the server closed the stream");
    }

    private void Take(ServerFrame frame)
    {
        switch (frame.BodyCase)
        {
            case ServerFrame.BodyOneofCase.Welcome:
                backlog.Acknowledge(frame.Welcome.Durable);
                observer.Welcomed(frame.Welcome);
                lock (gate)
                {
                    (next, sendLimit, answered) = (frame.Welcome.ResumeAfter + 1, frame.Welcome.SendLimit, true);
                }

                break;
            case ServerFrame.BodyOneofCase.Ack:
                backlog.Acknowledge(frame.Ack.Durable);
                lock (gate)
                {
                    sendLimit = Math.Max(sendLimit, frame.Ack.SendLimit);
                    next = frame.Ack.ResendFrom != 0 ? frame.Ack.ResendFrom : next;
                }

                break;
            case ServerFrame.BodyOneofCase.GoAway: goAway = frame.GoAway; break;
            case ServerFrame.BodyOneofCase.Alert: observer.Alerted(frame.Alert); break;
            case ServerFrame.BodyOneofCase.Advice: observer.Advised(frame.Advice); break;
            default: break; // A newer server says something this client does not know.
        }
    }
}
