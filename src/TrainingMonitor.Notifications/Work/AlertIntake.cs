using TrainingMonitor.Notifications.Delivery;
using TrainingMonitor.Notifications.Keeping;
using TrainingMonitor.Notifications.Options;
using TrainingMonitor.Notifications.Receivers;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Notifications.Work;

/// <summary>Turns transitions of alerts into queued notifications. What comes a second time (the frame log is replayed after a kill) changes nothing.</summary>
internal sealed class AlertIntake(NotificationStore store, Router router, IReadOnlyDictionary<string, Receiver> receivers, NotificationOptions options, TimeProvider time, Action<Receiver, int> dropped)
{
    /// <summary>Takes transitions of a run in, durably when it returns.</summary>
    /// <param name="run">The run.</param>
    /// <param name="project">Its project.</param>
    /// <param name="alerts">Transitions, in order.</param>
    /// <param name="ended">Whether the run has ended; null: not known.</param>
    public void Take(string run, string project, IReadOnlyList<Alert> alerts, bool? ended) => store.Begin(() =>
    {
        var newest = store.Newest(run);
        foreach (var alert in alerts)
        {
            // A server that lost its data numbers a run's alerts from one again; what it then says is later.
            if (newest is { } last && alert.Ordinal <= last.Ordinal && alert.TimeUnixNs <= last.TimeNs)
            {
                continue;
            }

            newest = (alert.Ordinal, Math.Max(alert.TimeUnixNs, newest?.TimeNs ?? long.MinValue));
            store.SetNewest(run, alert.Ordinal, newest.Value.TimeNs, time.GetUtcNow());
            Take(project, alert);
        }

        if (ended is { } over && over != store.Ended(run).HasValue)
        {
            store.SetEnded(run, over ? time.GetUtcNow() : null);
        }

        return true;
    });

    /// <summary>Tells of a firing alert, unless a silence covers it: then it is held, and told when the silence is over.</summary>
    public void TellFiring(KnownAlert known)
    {
        var now = time.GetUtcNow();
        var severity = AlertWords.Severity(known.Alert.Severity);
        var names = Route(known);
        var held = store.Silences(now).Any(silence => silence.Covers(known.Project, known.Alert, severity));
        foreach (var name in names)
        {
            if (held)
            {
                receivers[name].Counters.Silence();
            }
            else
            {
                Enqueue(receivers[name], new Notification(known.Alert, known.Project, NotificationStatus.Firing, known.StartsAt, null));
            }
        }

        // Who was told of it before a silence began is told of its end.
        store.Save(known with { Held = held && known.Receivers.Count == 0, Receivers = held ? known.Receivers : [.. known.Receivers.Union(names, StringComparer.Ordinal)] }, now);
    }

    /// <summary>Ends an alert and tells those who were told of it.</summary>
    public void Close(KnownAlert known, Alert alert, DateTimeOffset ends, string note)
    {
        foreach (var receiver in known.Receivers.Where(receivers.ContainsKey).Select(name => receivers[name]))
        {
            if (!known.Held && receiver.Options.SendResolved)
            {
                Enqueue(receiver, new Notification(alert, known.Project, NotificationStatus.Resolved, known.StartsAt, ends) { Note = note });
            }
        }

        store.RemoveAcknowledgement(alert.Id);
        store.ForgetTold(alert.Id);
        store.Save(known with { Alert = alert, Firing = false, Held = false, EndsAt = ends, Receivers = [] }, time.GetUtcNow());
    }

    /// <summary>Puts something into a queue and wakes its worker.</summary>
    public void Enqueue(Receiver receiver, Notification notification)
    {
        var lost = store.Enqueue(receiver.Name, notification, options.QueueLimit, time.GetUtcNow());
        if (lost > 0)
        {
            dropped(receiver, lost);
        }

        receiver.Wake();
    }

    /// <summary>Receivers that are to be told.</summary>
    public IEnumerable<string> Route(KnownAlert known) => router.Route(known.Project, known.Alert.Rule, AlertWords.Severity(known.Alert.Severity));

    private void Take(string project, Alert alert)
    {
        var known = store.Find(alert.Id);
        if (alert.State == AlertState.Resolved)
        {
            if (known is { Firing: true })
            {
                Close(known, alert, time.GetUtcNow(), "");
            }
        }
        else if (alert.State == AlertState.Firing)
        {
            if (known is not { Firing: true })
            {
                TellFiring(new KnownAlert(alert, project, Firing: true, Held: false, time.GetUtcNow(), null, []));
            }
            else if (known.Alert.Severity != alert.Severity && !known.Held)
            {
                TellFiring(known with { Alert = alert });
            }
            else
            {
                store.Save(known with { Alert = alert }, time.GetUtcNow());
            }
        }
    }
}
