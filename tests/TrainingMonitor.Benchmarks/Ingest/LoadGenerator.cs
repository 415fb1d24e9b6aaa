using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Benchmarks.Ingest;

/// <summary>Sends a synthetic run as fast as credits allow, until every frame is durably acknowledged.</summary>
internal static class LoadGenerator
{
    private static readonly Method<byte[], ServerFrame> Stream = new(
        MethodType.DuplexStreaming,
        "trainmon.v1.Ingest",
        "Stream",
        Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes),
        Marshallers.Create(frame => frame.ToByteArray(), ServerFrame.Parser.ParseFrom));

    /// <summary>Steps a second, from the first step sent to the last durable ack.</summary>
    public static async Task<double> RunAsync(Uri server, string? token, int layers, int stepsPerFrame, int steps)
    {
        using var channel = GrpcChannel.ForAddress(server, new GrpcChannelOptions { DisposeHttpClient = true });
        var headers = new Metadata();
        if (token is not null)
        {
            headers.Add("authorization", $"Bearer {token}");
        }

        var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(Stream, null, new CallOptions(headers));
        var factory = new FrameFactory(layers, stepsPerFrame);
        var frames = steps / stepsPerFrame;
        var credit = new SemaphoreSlim(0);
        var granted = 0ul;
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var last = (ulong)frames + 2; // layer table, frames, goodbye
        var reader = Task.Run(async () =>
        {
            await foreach (var frame in call.ResponseStream.ReadAllAsync())
            {
                var limit = frame.BodyCase switch
                {
                    ServerFrame.BodyOneofCase.Welcome => frame.Welcome.SendLimit,
                    ServerFrame.BodyOneofCase.Ack => frame.Ack.SendLimit,
                    _ => granted,
                };
                if (limit > granted)
                {
                    credit.Release((int)(limit - granted));
                    granted = limit;
                }

                if (frame.BodyCase == ServerFrame.BodyOneofCase.Ack && frame.Ack.Durable >= last)
                {
                    durable.TrySetResult();
                }
            }
        });

        await call.RequestStream.WriteAsync(new TrainerFrame { Hello = FrameFactory.Hello($"bench-{Guid.NewGuid():N}") }.ToByteArray());
        await credit.WaitAsync();
        await call.RequestStream.WriteAsync(factory.LayerTable());
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < frames; i++)
        {
            await credit.WaitAsync();
            await call.RequestStream.WriteAsync(factory.Next(out _));
        }

        await credit.WaitAsync();
        await call.RequestStream.WriteAsync(new TrainerFrame
        {
            Sequence = last,
            Goodbye = new Goodbye { Reason = Goodbye.Types.Reason.Finished, TimeUnixNs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000 + (long)1e12 },
        }.ToByteArray());
        var ended = await Task.WhenAny(durable.Task, reader).WaitAsync(TimeSpan.FromMinutes(5));
        await ended;
        var seconds = clock.Elapsed.TotalSeconds;
        await call.RequestStream.CompleteAsync();
        return frames * stepsPerFrame / seconds;
    }
}
