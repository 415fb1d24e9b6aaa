using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using TrainingMonitor.Benchmarks.Ingest;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Wire;

namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>One run of the load generator: one stream over a connection of its own, frames made beforehand but for step, stamp and sequence.</summary>
internal sealed class LoadRun(Uri server, int layers, ulong age, LatencyHistogram latencies) : IAsyncDisposable
{
    private const int Remembered = 4096;
    private static readonly TimeSpan RedirectTime = TimeSpan.FromMilliseconds(500);
    private readonly FrameFactory factory = new(layers, 1, age);
    private readonly string runId = $"scale-{Guid.NewGuid():N}";
    private readonly string startId = Guid.NewGuid().ToString("N");
    private readonly long[] sentAt = new long[Remembered];
    private readonly SemaphoreSlim moved = new(0, 1);
    private readonly TaskCompletionSource<Uri> redirect = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GrpcChannel? channel;
    private AsyncDuplexStreamingCall<RawTrainerFrame, ServerFrame>? call;
    private Task reading = Task.CompletedTask;
    private ulong limit, durable, sent;
    private long owed;

    /// <summary>Frames that are durable, the layer table included.</summary>
    public ulong Durable => Volatile.Read(ref durable);

    /// <summary>Steps that are due and have not left: there is no credit, or the connection takes no more.</summary>
    public long Late => Math.Max(0, Volatile.Read(ref owed));

    /// <summary>Opens the stream, at another node where it is sent there, and sends the layer table and the first two steps: the second is the old run's step.</summary>
    public async Task OpenAsync(bool follow)
    {
        await HelloAsync(server);
        if (follow && await Task.WhenAny(redirect.Task, Task.Delay(RedirectTime)) == redirect.Task)
        {
            await CloseAsync();
            await HelloAsync(await redirect.Task);
        }

        sent = 1;
        sentAt[sent] = Stopwatch.GetTimestamp();
        await call!.RequestStream.WriteAsync(new RawTrainerFrame(factory.LayerTable()));
        await SendAsync(2);
    }

    /// <summary>Sends steps as fast as credits allow, until all are durable.</summary>
    public async Task SendAsync(int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            while (sent >= Volatile.Read(ref limit))
            {
                await MovedAsync();
            }

            await WriteAsync();
        }

        while (Durable < sent)
        {
            await MovedAsync();
        }
    }

    /// <summary>A step is due; it goes when those before have left and there is credit.</summary>
    public void Due()
    {
        if (Interlocked.Increment(ref owed) == 1)
        {
            _ = PumpAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        moved.Dispose();
    }

    private async Task PumpAsync()
    {
        do
        {
            while (sent >= Volatile.Read(ref limit))
            {
                await MovedAsync();
            }

            await WriteAsync();
        }
        while (Interlocked.Decrement(ref owed) > 0);
    }

    private async Task HelloAsync(Uri address)
    {
        channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler(), DisposeHttpClient = true });
        call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(IngestMethods.Stream, null, default);
        var hello = FrameFactory.Hello(runId);
        hello.ClientStartId = startId;
        await call.RequestStream.WriteAsync(new RawTrainerFrame(new TrainerFrame { Hello = hello }.ToByteArray()));
        await call.ResponseStream.MoveNext();
        limit = call.ResponseStream.Current.Welcome.SendLimit;
        var answers = call.ResponseStream;
        reading = Task.Run(() => ReadAsync(answers));
    }

    // A run that lost its stream would wait for ever.
    private async Task MovedAsync()
    {
        if (await Task.WhenAny(moved.WaitAsync(), reading) == reading)
        {
            await reading;
            throw new InvalidOperationException($"The stream of {runId} ended.");
        }
    }

    private Task WriteAsync()
    {
        var frame = factory.Next(out sent);
        sentAt[sent % Remembered] = Stopwatch.GetTimestamp();
        return call!.RequestStream.WriteAsync(new RawTrainerFrame(frame));
    }

    private async Task ReadAsync(IAsyncStreamReader<ServerFrame> answers)
    {
        while (await answers.MoveNext())
        {
            if (answers.Current.GoAway is { ReconnectTo.Length: > 0 } other)
            {
                redirect.TrySetResult(new Uri(other.ReconnectTo));
            }

            if (answers.Current.Ack is not { } ack)
            {
                continue;
            }

            for (var sequence = durable + 1; sequence <= ack.Durable; sequence++)
            {
                latencies.Add(Stopwatch.GetElapsedTime(sentAt[sequence % Remembered]).TotalMilliseconds);
            }

            Volatile.Write(ref limit, Math.Max(limit, ack.SendLimit));
            Volatile.Write(ref durable, Math.Max(durable, ack.Durable));
            if (moved.CurrentCount == 0)
            {
                moved.Release();
            }
        }
    }

    private async Task CloseAsync()
    {
        call?.Dispose();
        channel?.Dispose();
        await reading.ContinueWith(static _ => { }, TaskScheduler.Default);
    }
}
