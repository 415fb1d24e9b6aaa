using TrainingMonitor.Notifications.Delivery;
using TrainingMonitor.Notifications.Silencing;

namespace TrainingMonitor.Notifications;

/// <content>Silences and acknowledgements; both outlive the process.</content>
public sealed partial class NotificationCenter
{
    /// <summary>Silences that hold now, the one that ends first at the top.</summary>
    public IReadOnlyList<Silence> Silences => store.Silences(time.GetUtcNow());

    /// <summary>Acknowledgements that hold now.</summary>
    public IReadOnlyList<Acknowledgement> Acknowledgements => store.Acknowledgements(time.GetUtcNow());

    /// <summary>Keeps alerts from being told. Those told already are told of when they end; those held are told when the silence is over and they still fire.</summary>
    /// <param name="silence">What is to be silent; id and time of making are the server's.</param>
    /// <param name="length">How long.</param>
    public Silence AddSilence(Silence silence, TimeSpan length)
    {
        ArgumentNullException.ThrowIfNull(silence);
        var now = time.GetUtcNow();
        var made = silence with { Id = NewId(), Created = now, Until = now + length };
        store.Add(made);
        return made;
    }

    /// <summary>Ends a silence; what it held is told now. False: there is none of that id.</summary>
    public bool RemoveSilence(string id)
    {
        if (!store.RemoveSilence(id, time.GetUtcNow()))
        {
            return false;
        }

        // In a cluster whoever delivers looks every few seconds.
        Sweep();
        return true;
    }

    /// <summary>Says that somebody looks after an alert; null: no such alert fires.</summary>
    /// <param name="alertId">"run/rule" or "run/rule/layer".</param>
    /// <param name="length">How long; null: until it resolves.</param>
    /// <param name="comment">What is being done.</param>
    /// <param name="author">Who.</param>
    public Acknowledgement? Acknowledge(string alertId, TimeSpan? length, string comment, string author) => store.Begin(() =>
    {
        if (store.Find(alertId) is not { Firing: true } known)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var ack = new Acknowledgement(alertId, now, now + length, comment, author);
        store.Add(ack);
        foreach (var receiver in known.Receivers.Where(receivers.ContainsKey).Select(name => receivers[name]).Where(receiver => receiver.Notifier.TakesAcknowledgements))
        {
            intake.Enqueue(receiver, new Notification(known.Alert, known.Project, NotificationStatus.Acknowledged, known.StartsAt, null));
        }

        return ack;
    });

    /// <summary>Takes an acknowledgement back. False: there is none.</summary>
    public bool RemoveAcknowledgement(string alertId) => store.RemoveAcknowledgement(alertId);
}
