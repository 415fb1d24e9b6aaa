using System.Data.Common;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Notifications.Delivery;
using TrainingMonitor.Notifications.Keeping;
using TrainingMonitor.Notifications.Options;

namespace TrainingMonitor.Notifications.Work;

/// <summary>Empties the queue of one receiver, in order, and sends firing alerts again where the receiver wants that. A receiver that is away holds up nobody else.</summary>
internal sealed class ReceiverWorker(
    Receiver receiver, NotificationStore store, NotificationOptions options, string pageFormat, TimeProvider time, ILogger logger, TimeSpan idle, Func<bool> may)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromMinutes(5), StorePause = TimeSpan.FromSeconds(5);
    private DateTimeOffset nextResend = DateTimeOffset.MinValue;
    private int failures;
    private int singly;

    /// <summary>Works until cancelled. The first token ends it between attempts, the second ends an attempt.</summary>
    public async Task RunAsync(CancellationToken stopping, CancellationToken abort)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var (pause, interruptible) = await StepAsync(abort);
                if (pause > TimeSpan.Zero)
                {
                    await (interruptible ? receiver.WaitAsync(pause, time, stopping) : Task.Delay(pause, time, stopping));
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (DeliveryLostException)
            {
                // What was sent is sent; whoever delivers now sends it once more.
                return;
            }
            catch (DbException error)
            {
                // A full disk, or a database that is away: the queue stays as it is.
                NotificationMessages.QueueFailed(logger, receiver.Name, StorePause, error);
                await RestAsync(StorePause, stopping);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                NotificationMessages.WorkerFailed(logger, receiver.Name, LongestPause / 10, error);
                await RestAsync(LongestPause / 10, stopping);
            }
        }
    }

    /// <summary>One attempt; how long to wait before the next one, and whether news cut the wait short.</summary>
    internal async Task<(TimeSpan Pause, bool Interruptible)> StepAsync(CancellationToken abort)
    {
        if (!may())
        {
            return (ShortestPause, false);
        }

        GiveUp();
        var batch = store.Peek(receiver.Name, singly > 0 ? 1 : receiver.Notifier.MostAtOnce);
        if (batch.Count > 0)
        {
            var sent = await receiver.Notifier.SendAsync([.. batch.Select(queued => WithPage(queued.Notification))], abort);
            return sent.Outcome == DeliveryOutcome.Later ? (Later(sent), false) : Settle(batch, sent);
        }

        if (receiver.Notifier.Resend is not { } interval)
        {
            return (idle, true);
        }

        var due = nextResend - time.GetUtcNow();
        if (due > TimeSpan.Zero)
        {
            return (due < idle ? due : idle, true);
        }

        foreach (var chunk in store.Firing().Where(known => !known.Held && known.Receivers.Contains(receiver.Name, StringComparer.Ordinal)).Chunk(receiver.Notifier.MostAtOnce))
        {
            if (!may())
            {
                return (ShortestPause, false);
            }

            var sent = await receiver.Notifier.SendAsync([.. chunk.Select(Again)], abort);
            if (sent.Outcome == DeliveryOutcome.Later)
            {
                return (Later(sent), false);
            }

            if (sent.Outcome == DeliveryOutcome.Refused)
            {
                Refused(chunk.Length, chunk[0].Alert.Id, sent);
            }
            else
            {
                Delivered(0);
            }
        }

        nextResend = time.GetUtcNow() + interval;
        return (interval < idle ? interval : idle, true);
    }

    private Task RestAsync(TimeSpan pause, CancellationToken stopping) =>
        Task.Delay(pause, time, stopping).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private (TimeSpan Pause, bool Interruptible) Settle(IReadOnlyList<QueuedNotification> batch, DeliveryResult sent)
    {
        if (sent.Outcome == DeliveryOutcome.Refused && batch.Count > 1)
        {
            // One of them is bad: find out which.
            singly = batch.Count;
            return (TimeSpan.Zero, false);
        }

        singly = Math.Max(singly - 1, 0);
        store.Begin(() =>
        {
            store.Remove(batch);
            foreach (var queued in batch.Where(queued => sent.Outcome == DeliveryOutcome.Delivered && queued.Notification.Status == NotificationStatus.Firing))
            {
                store.SetTold(receiver.Name, queued.Notification.Alert.Id, time.GetUtcNow());
            }

            return true;
        });
        if (sent.Outcome == DeliveryOutcome.Delivered)
        {
            Delivered(batch.Count);
        }
        else
        {
            Refused(batch.Count, batch[0].Notification.Alert.Id, sent);
        }

        return (TimeSpan.Zero, false);
    }

    private void Delivered(int count)
    {
        receiver.Counters.Send(count);
        receiver.LastError = "";
        if (failures > 0)
        {
            NotificationMessages.AvailableAgain(logger, receiver.Name);
        }

        failures = 0;
    }

    private void Refused(int count, string alert, DeliveryResult sent)
    {
        receiver.Counters.Fail(count);
        receiver.LastError = sent.Message;
        failures = 0;
        NotificationMessages.Refused(logger, receiver.Name, count, sent.Message, alert);
    }

    private TimeSpan Later(DeliveryResult sent)
    {
        receiver.Counters.Retry();
        receiver.LastError = sent.Message;
        // Doubles from a second to five minutes, spread by up to a fifth: many servers must not come back at the same moment.
        var backoff = Math.Min(ShortestPause.TotalSeconds * Math.Pow(2, Math.Min(failures++, 20)), LongestPause.TotalSeconds) * (0.8 + (0.2 * Random.Shared.NextDouble()));
        var pause = TimeSpan.FromSeconds(Math.Max(backoff, sent.RetryAfter.TotalSeconds));
        // Said when it begins, and then ever more rarely.
        if (int.PopCount(failures) == 1)
        {
            NotificationMessages.Unavailable(logger, receiver.Name, sent.Message, store.Waiting(receiver.Name), pause);
        }

        return pause;
    }

    private void GiveUp()
    {
        var before = time.GetUtcNow() - TimeSpan.FromHours(options.GiveUpHours);
        while (store.Peek(receiver.Name, 1) is [{ } oldest] && oldest.Queued < before)
        {
            store.Remove([oldest]);
            receiver.Counters.Drop(1);
            NotificationMessages.Dropped(logger, 1, receiver.Name, "it could not be delivered in time");
        }
    }

    private Notification Again(KnownAlert known) => WithPage(new Notification(known.Alert, known.Project, NotificationStatus.Firing, known.StartsAt, null));

    private Notification WithPage(Notification notification) => notification with { Page = Pages.Of(pageFormat, notification.Alert.RunId) };
}
