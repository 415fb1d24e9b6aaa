using System.Threading.Channels;
using TrainingMonitor.Notifications.Delivery;
using TrainingMonitor.Notifications.Options;

namespace TrainingMonitor.Notifications.Work;

/// <summary>A receiver with what is known of it in this process.</summary>
internal sealed class Receiver(ReceiverOptions options, INotifier notifier) : IDisposable
{
    private readonly Channel<bool> news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public ReceiverOptions Options { get; } = options;

    public INotifier Notifier { get; } = notifier;

    public ReceiverCounters Counters { get; } = new();

    public string Name => Options.Name;

    /// <summary>Why the newest attempt failed; empty: it did not.</summary>
    public string LastError { get; set; } = "";

    /// <summary>How much waited when it was last asked.</summary>
    public int LastWaiting { get; set; }

    /// <summary>Something may be waiting.</summary>
    public void Wake() => news.Writer.TryWrite(true);

    /// <summary>Completes when there may be something, or the time is over.</summary>
    public async Task WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pause = Task.Delay(longest, time, over.Token);
        var woken = news.Reader.ReadAsync(over.Token).AsTask();
        await Task.WhenAny(pause, woken);
        await over.CancelAsync();
        await Task.WhenAll(pause, woken).ContinueWith(static done => done.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose() => Notifier.Dispose();
}
