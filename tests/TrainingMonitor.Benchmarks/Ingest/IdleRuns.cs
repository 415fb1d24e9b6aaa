using System.Globalization;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Wire;

namespace TrainingMonitor.Benchmarks.Ingest;

/// <summary>Managed memory of runs that have sent a few steps and then nothing, their trainers gone: what the heap has grown by, divided by their number.</summary>
internal static class IdleRuns
{
    private const int StepsAFrame = 100;

    public static async Task<string> RunAsync(int runs)
    {
        var report = new StringBuilder("| layers | steps | idle runs | heap a run, KiB |\n|---|---|---|---|\n");
        // 1000 steps end inside a layer window: its sums are part of the state.
        foreach (var (layers, steps) in new[] { (1, 1), (10, 1), (100, 1), (100, 1000) })
        {
            await using var server = await ServerProcess.StartAsync("server");
            using var channel = GrpcChannel.ForAddress(server.Address);
            for (var i = 0; i < 50; i++)
            {
                await StepsAsync(channel, layers, steps);
            }

            var before = await SettledAsync(server);
            for (var i = 0; i < runs; i++)
            {
                await StepsAsync(channel, layers, steps);
            }

            var after = await SettledAsync(server);
            report.AppendLine(CultureInfo.InvariantCulture, $"| {layers} | {steps} | {runs} | {(after - before) / 1024.0 / runs:F1} |");
        }

        return report.ToString();
    }

    // What is on its way to the stores is not idle.
    private static async Task<long> SettledAsync(ServerProcess server)
    {
        await Task.Delay(TimeSpan.FromSeconds(3));
        return await server.AliveAsync();
    }

    private static async Task StepsAsync(GrpcChannel channel, int layers, int steps)
    {
        var factory = new FrameFactory(layers, Math.Min(steps, StepsAFrame));
        using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(IngestMethods.Stream, null, default);
        await WriteAsync(call, new TrainerFrame { Hello = FrameFactory.Hello($"idle-{Guid.NewGuid():N}") }.ToByteArray());
        await call.ResponseStream.MoveNext();
        await WriteAsync(call, factory.LayerTable());
        var last = 0UL;
        for (var i = 0; i < steps; i += StepsAFrame)
        {
            await WriteAsync(call, factory.Next(out last));
        }

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
