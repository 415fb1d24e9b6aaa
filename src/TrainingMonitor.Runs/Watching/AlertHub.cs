using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.Watching;

/// <summary>Hands alert transitions to readers. None is dropped: a reader that does not keep up is told so and ends. Thread-safe.</summary>
internal sealed class AlertHub
{
    /// <summary>Transitions a reader may be behind.</summary>
    public const int Capacity = 10_000;

    private readonly ConcurrentDictionary<Channel<Alert>, string> readers = new();

    public int Readers => readers.Count;

    public void Publish(Alert alert)
    {
        foreach (var (channel, runId) in readers)
        {
            if ((runId.Length == 0 || runId == alert.RunId) && !channel.Writer.TryWrite(alert))
            {
                readers.TryRemove(channel, out _);
                channel.Writer.TryComplete(new RpcException(new Status(
                    StatusCode.ResourceExhausted, $"The reader is {Capacity} alert transitions behind; read the stored ones and watch again.")));
            }
        }
    }

    public IAsyncEnumerable<Alert> WatchAsync(string runId, CancellationToken cancellationToken)
    {
        // Registered here, not at the first MoveNext: "from now on" means from this call.
        var channel = Channel.CreateBounded<Alert>(new BoundedChannelOptions(Capacity) { SingleReader = true });
        readers[channel] = runId;
        return ReadAsync(channel, cancellationToken);
    }

    public void Complete()
    {
        foreach (var (channel, _) in readers)
        {
            channel.Writer.TryComplete();
        }
    }

    private async IAsyncEnumerable<Alert> ReadAsync(Channel<Alert> channel, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var alert in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return alert;
            }
        }
        finally
        {
            readers.TryRemove(channel, out _);
        }
    }
}
