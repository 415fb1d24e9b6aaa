using System.Data.Common;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Notifications.Keeping;

namespace TrainingMonitor.Notifications.Work;

/// <summary>The work of whoever delivers: a worker for each receiver, and looks at silences, repeats, ended runs and the inbox.</summary>
/// <param name="store">What is kept, with the epoch of this delivery.</param>
/// <param name="intake">Where transitions go.</param>
/// <param name="receivers">Receivers by name.</param>
/// <param name="options">Options.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Where failures are said.</param>
/// <param name="before">Is done before each look.</param>
/// <param name="may">Whether this is still the one that delivers; null: nobody else ever is.</param>
internal sealed class DeliveryWork(
    NotificationStore store, AlertIntake intake, IReadOnlyDictionary<string, Receiver> receivers, NotificationCenterOptions options, TimeProvider time, ILogger logger, Action before, Func<bool>? may)
    : IDisposable
{
    private const int InboxAtOnce = 500;
    private static readonly TimeSpan InboxInterval = TimeSpan.FromSeconds(1), LongIdle = TimeSpan.FromHours(1);
    private readonly Sweeper sweeper = new(store, intake, receivers, options.Notifications, time);
    private readonly CancellationTokenSource stopping = new(), abort = new();
    private readonly List<Task> work = [];

    public void Start()
    {
        sweeper.Reroute();
        Sweep();
        // What other nodes put into a queue wakes nobody here.
        var idle = may is null ? LongIdle : InboxInterval;
        work.AddRange(receivers.Values.Select(receiver => Task.Run(() =>
            new ReceiverWorker(receiver, store, options.Notifications, options.PageFormat, time, logger, idle, may ?? (() => true)).RunAsync(stopping.Token, abort.Token))));
        work.Add(Task.Run(() => OftenAsync(options.SweepInterval, time, Sweep)));
        if (may is not null)
        {
            // By the system's clock: alerts do not wait for an injected one.
            work.Add(Task.Run(() => OftenAsync(InboxInterval, TimeProvider.System, TakeInbox)));
        }
    }

    /// <summary>Ends between attempts, or after a time in the middle of them.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        await stopping.CancelAsync();
        await Task.WhenAny(Task.WhenAll(work), Task.Delay(patience));
        await abort.CancelAsync();
        await Task.WhenAll(work);
    }

    /// <summary>After <see cref="StopAsync"/>.</summary>
    public void Dispose()
    {
        stopping.Dispose();
        abort.Dispose();
    }

    /// <summary>One look at everything.</summary>
    public void Sweep() => Try(() =>
    {
        before();
        if (may is not null)
        {
            TakeAll();
        }

        sweeper.Sweep();
    });

    private void TakeInbox() => Try(TakeAll);

    private void TakeAll()
    {
        while (TakeSome() == InboxAtOnce)
        {
            // There may be more.
        }
    }

    /// <summary>Entries leave the inbox in the transaction that puts them into the queues.</summary>
    private int TakeSome() => store.Begin(() =>
    {
        var entries = store.Inbox(InboxAtOnce);
        foreach (var entry in entries)
        {
            intake.Take(entry.Run, entry.Project, entry.Alert is null ? [] : [entry.Alert], entry.Ended);
        }

        store.RemoveFromInbox(entries);
        return entries.Count;
    });

    private void Try(Action look)
    {
        try
        {
            look();
        }
        catch (DbException error)
        {
            NotificationMessages.SweepFailed(logger, error);
        }
        catch (DeliveryLostException)
        {
            // The holder finds out within seconds and ends this.
        }
    }

    private async Task OftenAsync(TimeSpan interval, TimeProvider clock, Action look)
    {
        try
        {
            while (true)
            {
                await Task.Delay(interval, clock, stopping.Token);
                look();
            }
        }
        catch (OperationCanceledException)
        {
            // It stops.
        }
    }
}
