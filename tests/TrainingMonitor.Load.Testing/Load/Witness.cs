using Grpc.Core;
using Grpc.Core.Interceptors;
using TrainingMonitor.Load.Testing.Histories;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Wire;

namespace TrainingMonitor.Load.Testing.Load;

/// <summary>Sees everything that passes between the client and its servers and writes it down: what is sent before it leaves, what comes before the client hears of it.</summary>
internal sealed class Witness(HistoryWriter history, TimeProvider time) : Interceptor
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<ulong, long> waiting = [];
    private int streams;
    private long durableStep = -1;
    private string own = "";

    /// <summary>Newest step of this process, not of one before it, that a server has called durable; −1: none.</summary>
    public long DurableStep
    {
        get
        {
            lock (gate)
            {
                return durableStep;
            }
        }
    }

    /// <summary>What stands before each connection of a client.</summary>
    public CallInvoker Stand(Uri server, CallInvoker invoker) => invoker.Intercept(new OneServer(this, server));

    /// <summary>This process's own start id: what it sends for earlier ones is told apart.</summary>
    public void Know(string clientStartId) => own = clientStartId;

    private void Add(int stream, HistoryKind kind, Func<HistoryEntry, HistoryEntry>? fill = null)
    {
        var entry = new HistoryEntry(kind, time.GetUtcNow()) { Stream = stream };
        history.Add(fill is null ? entry : fill(entry));
    }

    private bool Sent(int stream, ReadOnlyMemory<byte> bytes, bool isOwn)
    {
        var frame = TrainerFrame.Parser.ParseFrom(bytes.Span);
        if (frame.Hello is { } hello)
        {
            Add(stream, HistoryKind.Hello, entry => entry with { Text = hello.ClientStartId, Rank = hello.Rank, Sequence = hello.OldestSequence });
            return hello.ClientStartId == own;
        }

        var step = frame.Steps is { Reports.Count: > 0 } steps ? (long)steps.Reports[^1].Step : -1;
        if (isOwn && step >= 0)
        {
            lock (gate)
            {
                waiting[frame.Sequence] = step;
            }
        }

        Add(stream, HistoryKind.Frame, entry => entry with { Sequence = frame.Sequence, Hash = FrameHash.Of(bytes.Span), Step = step });
        return isOwn;
    }

    private void Came(int stream, ServerFrame frame, bool isOwn)
    {
        switch (frame.BodyCase)
        {
            case ServerFrame.BodyOneofCase.Welcome:
                var welcome = frame.Welcome;
                Add(stream, HistoryKind.Welcome, entry => entry with { Sequence = welcome.ResumeAfter, Durable = welcome.Durable, Attempt = (int)welcome.Attempt, Epoch = welcome.FencingEpoch, Text = welcome.Server });
                Durable(welcome.Durable, isOwn);
                break;
            case ServerFrame.BodyOneofCase.Ack:
                Add(stream, HistoryKind.Ack, entry => entry with { Received = frame.Ack.Received, Durable = frame.Ack.Durable, Sequence = frame.Ack.ResendFrom });
                Durable(frame.Ack.Durable, isOwn);
                break;
            case ServerFrame.BodyOneofCase.Alert:
                Add(stream, HistoryKind.Alert, entry => entry with { Ordinal = frame.Alert.Ordinal, Step = (long)frame.Alert.Step, Text = $"{frame.Alert.Id} {frame.Alert.State}" });
                break;
            case ServerFrame.BodyOneofCase.GoAway:
                Add(stream, HistoryKind.GoAway, entry => entry with { Text = frame.GoAway.ReconnectTo });
                break;
            default:
                break;
        }
    }

    private void Durable(ulong sequence, bool isOwn)
    {
        lock (gate)
        {
            while (isOwn && waiting.Count > 0 && waiting.First() is var (oldest, step) && oldest <= sequence)
            {
                durableStep = Math.Max(durableStep, step);
                waiting.Remove(oldest);
            }
        }
    }

    private sealed class OneServer(Witness owner, Uri server) : Interceptor
    {
        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            var stream = Interlocked.Increment(ref owner.streams);
            owner.Add(stream, HistoryKind.Connecting, entry => entry with { Text = server.ToString() });
            var call = continuation(context);
            var seen = new Seen(owner, stream);
            return new(
                new Writer<TRequest>(call.RequestStream, seen), new Reader<TResponse>(call.ResponseStream, seen), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
        }
    }

    /// <summary>One stream.</summary>
    private sealed class Seen(Witness owner, int stream)
    {
        private volatile bool isOwn;
        private int ended;

        public void Sent(object message) => isOwn = owner.Sent(stream, ((RawTrainerFrame)message).Bytes, isOwn);

        public void Came(object message) => owner.Came(stream, (ServerFrame)message, isOwn);

        public void Ended(string how)
        {
            if (Interlocked.Exchange(ref ended, 1) == 0)
            {
                owner.Add(stream, HistoryKind.StreamEnded, entry => entry with { Text = how });
            }
        }
    }

    private sealed class Writer<T>(IClientStreamWriter<T> inner, Seen seen) : IClientStreamWriter<T>
    {
        public WriteOptions? WriteOptions
        {
            get => inner.WriteOptions;
            set => inner.WriteOptions = value;
        }

        public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

        public Task WriteAsync(T message, CancellationToken cancellationToken)
        {
            seen.Sent(message!);
            return inner.WriteAsync(message, cancellationToken);
        }

        public Task CompleteAsync() => inner.CompleteAsync();
    }

    private sealed class Reader<T>(IAsyncStreamReader<T> inner, Seen seen) : IAsyncStreamReader<T>
    {
        public T Current => inner.Current;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            try
            {
                if (await inner.MoveNext(cancellationToken))
                {
                    seen.Came(inner.Current!);
                    return true;
                }

                seen.Ended("closed");
                return false;
            }
            catch (RpcException error)
            {
                seen.Ended($"{error.StatusCode}: {error.Status.Detail}");
                throw;
            }
        }
    }
}
