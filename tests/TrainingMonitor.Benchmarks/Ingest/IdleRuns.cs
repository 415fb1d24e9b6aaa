using System.Globalization;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Wire;

namespace TrainingMonitor.Benchmarks.Ingest;

/// <summary>Managed memory of runs that have sent one step and then nothing, their trainers gone: what the heap has grown by, divided by their number.</summary>
internal static class IdleRuns
{
    public static async Task<string> RunAsync(int runs)
    {
        var report = new StringBuilder("| layers | idle runs | heap a run, KiB |\n|---|---|---|\n");
        foreach (var layers in new[] { 1, 10, 100 })
        {
            await using var server = await ServerProcess.StartAsync("server");
            using var channel = GrpcChannel.ForAddress(server.Address);
            for (var i = 0; i < 50; i++)
            {
                await OneStepAsync(channel, layers);
            }

            var before = await SettledAsync(server);
            for (var i = 0; i < runs; i++)
            {
                await OneStepAsync(channel, layers);
            }

            var after = await SettledAsync(server);
            report.AppendLine(CultureInfo.InvariantCulture, $"| {layers} | {runs} | {(after - before) / 1024.0 / runs:F1} |");
        }

        return report.ToString();
    }

    // What is on its way to the stores is not idle.
    private static async Task<long> SettledAsync(ServerProcess server)
    {
        await Task.Delay(TimeSpan.FromSeconds(3));
        return await server.AliveAsync();
    }

    private static async Task OneStepAsync(GrpcChannel channel, int layers)
    {
        var factory = new FrameFactory(layers, stepsPerFrame: 1);
        using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(IngestMethods.Stream, null, default);
        await WriteAsync(call, new TrainerFrame { Hello = FrameFactory.Hello($"idle-{Guid.NewGuid():N}") }.ToByteArray());
        await call.ResponseStream.MoveNext();
        await WriteAsync(call, factory.LayerTable());
        await WriteAsync(call, factory.Next(out var last));
        while (await call.ResponseStream.MoveNext() && call.ResponseStream.Current.Ack?.Durable < last)
        {
        }

        await call.RequestStream.CompleteAsync();
        while (await call.ResponseStream.MoveNext())
        {
        }
    }

    private static Task WriteAsync(AsyncDuplexStreamingCall<RawTrainerFrame, ServerFrame> call, byte[] frame) => call.RequestStream.WriteAsync(new RawTrainerFrame(frame));
}
