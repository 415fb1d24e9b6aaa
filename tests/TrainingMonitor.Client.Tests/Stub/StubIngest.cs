using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Wire;

namespace TrainingMonitor.Client.Tests.Stub;

/// <summary>The service side of <see cref="StubServer"/>.</summary>
internal sealed class StubIngest(StubServer server) : RawIngestBase
{
    public override async Task Stream(IAsyncStreamReader<RawTrainerFrame> requestStream, IServerStreamWriter<ServerFrame> responseStream, ServerCallContext context)
    {
        var plan = server.Connected(context);
        if (plan.Reject is not null)
        {
            throw plan.Reject;
        }

        (await requestStream.MoveNext(context.CancellationToken)).ShouldBeTrue();
        var hello = TrainerFrame.Parser.ParseFrom(requestStream.Current.Bytes.Span).Hello.ShouldNotBeNull();
        var ledger = server.Opened(hello);
        if (plan.DurableEvery > 0)
        {
            // What was received before becomes durable in time, without further frames.
            ledger.Persist();
        }

        if (plan.Hang)
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }

        await responseStream.WriteAsync(new ServerFrame
        {
            Welcome = new()
            {
                ProtocolVersion = 1, ResumeAfter = ledger.Received, Durable = ledger.Durable, SendLimit = ledger.Received + plan.Credits, Page = "http://127.0.0.1:4651/runs/x",
            },
        });
        foreach (var greeting in plan.Greetings)
        {
            await responseStream.WriteAsync(greeting);
        }

        if (plan.StopReading)
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }

        await ReadAsync(plan, ledger, requestStream, responseStream, context);
    }

    private static async Task ReadAsync(
        StubPlan plan, StubLedger ledger, IAsyncStreamReader<RawTrainerFrame> requests, IServerStreamWriter<ServerFrame> responses, ServerCallContext context)
    {
        var count = 0;
        var dropped = false;
        while (await requests.MoveNext(context.CancellationToken))
        {
            await Task.Delay(plan.Delay);
            var bytes = requests.Current.Bytes.ToArray();
            var frame = TrainerFrame.Parser.ParseFrom(bytes);
            var sequence = frame.Sequence;
            if (sequence == plan.DropOnce && !dropped)
            {
                dropped = true;
                continue;
            }

            var ack = new Ack { ResendFrom = ledger.Apply(sequence, bytes) ? 0 : ledger.Received + 1 };
            count++;
            if (plan.DurableEvery > 0 && (count % plan.DurableEvery == 0 || frame.Goodbye is not null))
            {
                ledger.Persist();
            }

            if (count >= plan.AbortAfter)
            {
                if (plan.LoseNonDurable)
                {
                    ledger.LoseNonDurable();
                }

                context.GetHttpContext().Abort();
                return;
            }

            if (count >= plan.Fail?.After)
            {
                throw plan.Fail.Value.Error;
            }

            (ack.Received, ack.Durable, ack.SendLimit) = (ledger.Received, ledger.Durable, ledger.Received + plan.Credits);
            await responses.WriteAsync(new ServerFrame { Ack = ack });
            if (count == plan.GoAwayAfter)
            {
                await responses.WriteAsync(new ServerFrame { GoAway = new() { Reason = "drain", ReconnectTo = plan.ReconnectTo } });
            }
        }
    }
}
