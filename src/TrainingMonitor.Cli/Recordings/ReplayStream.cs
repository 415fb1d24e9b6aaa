using Google.Protobuf;
using Grpc.Core;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Wire;

namespace TrainingMonitor.Cli.Recordings;

/// <summary>One rank's stream to the server: sends recorded frames as the credits allow.</summary>
internal sealed class ReplayStream : IAsyncDisposable
{
    private readonly AsyncDuplexStreamingCall<RawTrainerFrame, ServerFrame> call;
    private readonly Uri server;
    private readonly Task reading;
    private readonly Lock gate = new();
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong sendLimit;
    private ulong durable;
    private ulong resumeAfter;
    private bool welcomed;

    private ReplayStream(AsyncDuplexStreamingCall<RawTrainerFrame, ServerFrame> call, Uri server)
    {
        this.call = call;
        this.server = server;
        reading = ReadAsync();
    }

    /// <summary>Newest sequence that the server holds or was sent.</summary>
    public ulong Sent { get; private set; }

    /// <summary>Page of the run; empty where there is none.</summary>
    public string Page { get; private set; } = "";

    /// <summary>Opens the stream and waits for the welcome.</summary>
    public static async Task<ReplayStream> OpenAsync(QueryClient client, Uri server, Hello hello, CancellationToken stop)
    {
        var opened = client.Calls.AsyncDuplexStreamingCall(IngestMethods.Stream, null, new CallOptions(cancellationToken: stop));
        var stream = new ReplayStream(opened, server);
        await stream.WriteAsync(new TrainerFrame { Hello = hello }.ToByteArray());
        await stream.UntilAsync(() => stream.welcomed, stop);
        stream.Sent = stream.resumeAfter;
        return stream;
    }

    /// <summary>Sends a frame; one that the server already holds is left out.</summary>
    /// <returns>False: left out.</returns>
    public async Task<bool> SendAsync(ulong sequence, ReadOnlyMemory<byte> frame, CancellationToken stop)
    {
        if (sequence <= Sent)
        {
            return false;
        }

        await UntilAsync(() => sequence <= sendLimit, stop);
        await WriteAsync(frame.ToArray());
        Sent = sequence;
        return true;
    }

    /// <summary>Waits until everything sent is durable, then ends the stream.</summary>
    public async Task FinishAsync(CancellationToken stop)
    {
        await UntilAsync(() => durable >= Sent, stop);
        await call.RequestStream.CompleteAsync();
        await reading;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        call.Dispose();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WriteAsync(byte[] frame)
    {
        try
        {
            await call.RequestStream.WriteAsync(new RawTrainerFrame(frame));
        }
        catch (Exception error) when (error is RpcException or InvalidOperationException)
        {
            // The reason of a call that has ended is with the reader.
            await reading;
            throw new CliException(ExitCodes.Failure, $"The server ended the stream: {error.Message}", error);
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                Take(call.ResponseStream.Current);
            }
        }
        catch (RpcException error)
        {
            throw RpcErrors.Translate(error, server);
        }
        finally
        {
            Signal();
        }
    }

    private void Take(ServerFrame frame)
    {
        lock (gate)
        {
            if (frame.Welcome is { } welcome)
            {
                welcomed = true;
                resumeAfter = welcome.ResumeAfter;
                durable = welcome.Durable;
                sendLimit = welcome.SendLimit;
                Page = welcome.Page;
            }
            else if (frame.Ack is { } ack)
            {
                durable = Math.Max(durable, ack.Durable);
                sendLimit = Math.Max(sendLimit, ack.SendLimit);
            }
        }

        Signal();
    }

    private void Signal()
    {
        lock (gate)
        {
            changed.TrySetResult();
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private async Task UntilAsync(Func<bool> condition, CancellationToken stop)
    {
        while (true)
        {
            Task wait;
            lock (gate)
            {
                if (condition())
                {
                    return;
                }

                wait = changed.Task;
            }

            if (reading.IsCompleted)
            {
                await reading;
                throw new CliException(ExitCodes.Failure, "The server ended the stream before the recording was through; its log says why.");
            }

            await Task.WhenAny(wait, reading).WaitAsync(stop);
        }
    }
}
