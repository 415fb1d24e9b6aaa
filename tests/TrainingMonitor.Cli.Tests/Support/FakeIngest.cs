using System.Collections.Concurrent;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Tests.Support;

/// <summary>Takes streams with three frames of credit at a time, and keeps what came.</summary>
internal sealed class FakeIngest : Ingest.IngestBase
{
    private const ulong Credit = 3;

    public ConcurrentQueue<(string Run, TrainerFrame Frame)> Frames { get; } = [];

    public ConcurrentQueue<Hello> Hellos { get; } = [];

    public ulong HighestUnacked { get; private set; }

    public override async Task Stream(IAsyncStreamReader<TrainerFrame> requestStream, IServerStreamWriter<ServerFrame> responseStream, ServerCallContext context)
    {
        await requestStream.MoveNext(context.CancellationToken);
        var hello = requestStream.Current.Hello;
        Hellos.Enqueue(hello);
        ulong acked = 0;
        await responseStream.WriteAsync(new ServerFrame { Welcome = new Welcome { ProtocolVersion = 1, SendLimit = Credit, Page = $"http://127.0.0.1:4651/runs/{hello.RunId}" } });
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            var frame = requestStream.Current;
            Frames.Enqueue((hello.RunId, frame));
            HighestUnacked = Math.Max(HighestUnacked, frame.Sequence - acked);
            if (frame.Sequence - acked == Credit || frame.Goodbye is not null)
            {
                acked = frame.Sequence;
                await responseStream.WriteAsync(new ServerFrame { Ack = new Ack { Received = acked, Durable = acked, SendLimit = acked + Credit } });
            }
        }
    }
}
