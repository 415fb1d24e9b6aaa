using Grpc.Core;
using Grpc.Net.Client;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Wire;

namespace TrainingMonitor.Server.Tests.Support;

/// <summary>The trainer's end of a stream, frame by frame.</summary>
internal sealed class Trainer : IDisposable
{
    private readonly AsyncDuplexStreamingCall<RawTrainerFrame, ServerFrame> call;
    private ulong sendLimit;

    public Trainer(ServerUnderTest server, string? token = null) =>
        call = server.Channel.CreateCallInvoker().AsyncDuplexStreamingCall(IngestMethods.Stream, null, server.Call(token));

    public Trainer(GrpcChannel channel, CallOptions options) => call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(IngestMethods.Stream, null, options);

    public static Hello Hello(string run = "run-1") => new()
    {
        ProtocolVersion = 1,
        RunId = run,
        Project = "tests",
        ClientStartId = "start-1",
        WorldSize = 1,
        OldestSequence = 1,
        TimeUnixNs = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100,
        Client = "test",
        Host = "here",
    };

    public static TrainerFrame Frame(Hello hello) => new() { Hello = hello };

    public static TrainerFrame Scalars(ulong sequence, ulong step = 0, double value = 1) => new()
    {
        Sequence = sequence,
        Scalars = new LogScalars { Step = step, TimeUnixNs = 1_700_000_000_000_000_000 + (long)sequence * 1_000_000, Scalars = { new Scalar { Name = "x", Value = value } } },
    };

    public Task SendAsync(TrainerFrame frame) => SendAsync(Google.Protobuf.MessageExtensions.ToByteArray(frame));

    /// <summary>Sends as soon as the server's credits allow it; what is read meanwhile is gone.</summary>
    public async Task SendWithinCreditsAsync(TrainerFrame frame)
    {
        while (frame.Sequence > sendLimit)
        {
            if (await ReadAsync() is null)
                throw new InvalidOperationException("The stream ended before there were credits.");
        }

        await SendAsync(frame);
    }

    public Task SendAsync(byte[] bytes) => call.RequestStream.WriteAsync(new RawTrainerFrame(bytes));

    public Task DoneAsync() => call.RequestStream.CompleteAsync();

    public Status Status => call.GetStatus();

    /// <summary>The next frame; null at the end.</summary>
    public async Task<ServerFrame?> ReadAsync()
    {
        if (!await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
            return null;
        var frame = call.ResponseStream.Current;
        sendLimit = Math.Max(sendLimit, frame.Ack?.SendLimit ?? frame.Welcome?.SendLimit ?? 0);
        return frame;
    }

    public async Task<Welcome> OpenAsync(Hello? hello = null)
    {
        await SendAsync(Frame(hello ?? Hello()));
        return (await ReadAsync())!.Welcome;
    }

    /// <summary>Reads until an ack says so.</summary>
    public async Task<Ack> ReadAckAsync(ulong received)
    {
        while (await ReadAsync() is { } frame)
        {
            if (frame.Ack?.Received >= received)
                return frame.Ack;
        }

        throw new InvalidOperationException("The stream ended before the ack.");
    }

    /// <summary>Reads until the call ends with an error.</summary>
    public async Task<(RpcException Error, string? Field)> ReadErrorAsync()
    {
        var error = await Should.ThrowAsync<RpcException>(async () =>
        {
            while (await ReadAsync() is not null)
            {
            }
        });
        return (error, error.GetRpcStatus()?.GetDetail<Google.Rpc.BadRequest>()?.FieldViolations.Single().Field);
    }

    public void Dispose() => call.Dispose();
}
