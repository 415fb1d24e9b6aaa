using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Benchmarks.Ingest;

/// <summary>The yardstick: a gRPC server that parses the same frames and acknowledges them, and does nothing else.</summary>
internal static class BareSink
{
    public static async Task RunAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        var app = builder.Build();
        app.MapGrpcService<SinkService>();
        await app.StartAsync();
        Console.WriteLine($"listening {port}");
        _ = Task.Run(ServerProcess.Answer);
        await app.WaitForShutdownAsync();
    }

    private sealed class SinkService : Protocol.V1.Ingest.IngestBase
    {
        public override async Task Stream(IAsyncStreamReader<TrainerFrame> requestStream, IServerStreamWriter<ServerFrame> responseStream, ServerCallContext context)
        {
            const ulong Window = 256;
            var unacknowledged = 0;
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                var frame = requestStream.Current;
                if (frame.BodyCase == TrainerFrame.BodyOneofCase.Hello)
                {
                    await responseStream.WriteAsync(new ServerFrame { Welcome = new Welcome { ProtocolVersion = 1, SendLimit = Window } });
                    continue;
                }

                if (++unacknowledged >= 16 || frame.BodyCase == TrainerFrame.BodyOneofCase.Goodbye)
                {
                    unacknowledged = 0;
                    await responseStream.WriteAsync(new ServerFrame
                    {
                        Ack = new Ack { Received = frame.Sequence, Durable = frame.Sequence, SendLimit = frame.Sequence + Window },
                    });
                }
            }
        }
    }
}
