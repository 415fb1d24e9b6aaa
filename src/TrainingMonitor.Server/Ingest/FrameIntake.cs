using System.Runtime.CompilerServices;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Validation;
using TrainingMonitor.Protocol.Wire;
using TrainingMonitor.Server.Errors;
using TrainingMonitor.Server.Hosting;

namespace TrainingMonitor.Server.Ingest;

/// <summary>Reads one stream's frames and refuses what the contract forbids: order, credits, size, content.</summary>
internal sealed class FrameIntake(IAsyncStreamReader<RawTrainerFrame> requests, ServerOptions options)
{
    private static readonly TimeSpan RetryHello = TimeSpan.FromSeconds(1);
    private readonly FrameReader reader = new(Limits(options));
    private readonly FrameValidator validator = new(Limits(options));

    /// <summary>Highest sequence taken.</summary>
    public ulong LastSequence { get; private set; }

    /// <summary>The first frame, which must be a Hello.</summary>
    /// <exception cref="RpcException">It is not, it is refused, or it does not come in time.</exception>
    public async Task<Hello> HelloAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var first = MoveNextAsync(cancellationToken).AsTask();
        if (await Task.WhenAny(first, Task.Delay(limit, time, stop.Token)) != first)
        {
            _ = first.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw Refusal.Unavailable($"No Hello within {limit.TotalSeconds:0.##} s.", RetryHello);
        }

        await stop.CancelAsync();
        if (!await first)
            throw Refusal.Invalid("hello", "the stream ended before a Hello.");
        var (frame, _) = Parse();
        if (frame.BodyCase != TrainerFrame.BodyOneofCase.Hello)
            throw Refusal.Invalid("hello", $"the first frame must be a Hello, not {Name(frame.BodyCase)}.");
        return frame.Hello;
    }

    /// <summary>The next frame; null: the trainer has said everything.</summary>
    /// <param name="sendLimit">Highest sequence allowed now; asked when the frame is there.</param>
    /// <param name="cancellationToken">The call's end.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Taken?> NextAsync(Func<ulong> sendLimit, CancellationToken cancellationToken)
    {
        if (!await MoveNextAsync(cancellationToken))
            return null;
        var (frame, raw) = Parse();
        if (frame.BodyCase == TrainerFrame.BodyOneofCase.Hello)
            throw Refusal.Invalid("hello", "only the first frame may be a Hello.");
        var limit = sendLimit();
        if (frame.Sequence > limit)
            throw Refusal.Invalid("sequence", $"{frame.Sequence} is beyond {limit}, the send_limit of the newest Ack.", StatusCode.ResourceExhausted);
        LastSequence = Math.Max(LastSequence, frame.Sequence);
        return new Taken(frame, raw);
    }

    // Pooled, as above: each of many streams waits for its next frame at any time.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await requests.MoveNext(cancellationToken);
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.ResourceExhausted)
        {
            // The transport's own limit, before the bytes are read: said as the contract says it.
            throw Refusal.Invalid("frame", $"larger than {options.MaxFrameBytes} bytes, which is the limit (MaxFrameBytes); send fewer reports a frame, or a step in parts.", StatusCode.ResourceExhausted);
        }
    }

    private (TrainerFrame Frame, ReadOnlyMemory<byte> Raw) Parse()
    {
        var raw = requests.Current;
        var error = reader.Read(raw, out var frame) ?? validator.Validate(frame!);
        return error is null ? (frame!, raw.Bytes) : throw error.ToRpcException();
    }

    private static FrameLimits Limits(ServerOptions options) => new() { MaxFrameBytes = options.MaxFrameBytes, MaxLayers = options.MaxLayers, MaxLayerNameBytes = options.MaxLayerNameBytes };

    private static string Name(TrainerFrame.BodyOneofCase body) => body == TrainerFrame.BodyOneofCase.None ? "an empty one" : body.ToString();

    /// <summary>A frame and its bytes as received.</summary>
    internal readonly record struct Taken(TrainerFrame Frame, ReadOnlyMemory<byte> Raw);
}
