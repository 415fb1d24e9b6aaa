using TrainingMonitor.Notifications.Delivery;
using TrainingMonitor.Notifications.Keeping;
using TrainingMonitor.Notifications.Options;
using TrainingMonitor.Notifications.Receivers;

namespace TrainingMonitor.Notifications.Work;

/// <summary>What time brings: silences end, alerts are told again, alerts of runs that ended are closed, old rows go.</summary>
internal sealed class Sweeper(NotificationStore store, AlertIntake intake, IReadOnlyDictionary<string, Receiver> receivers, NotificationOptions options, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7), PruneInterval = TimeSpan.FromHours(1);
    private DateTimeOffset nextPrune;

    /// <summary>Tells receivers of what they were not configured for when it began to fire.</summary>
    public void Reroute() => store.Begin(() =>
    {
        store.RemoveOthers([.. receivers.Keys]);
        foreach (var known in store.Firing().Where(known => !known.Held))
        {
            var others = intake.Route(known).Except(known.Receivers, StringComparer.Ordinal).ToList();
            foreach (var name in others)
            {
                intake.Enqueue(receivers[name], Firing(known));
            }

            if (others.Count > 0)
            {
                store.Save(known with { Receivers = [.. known.Receivers, .. others] }, time.GetUtcNow());
            }
        }

        return true;
    });

    /// <summary>One round.</summary>
    public void Sweep() => store.Begin(() =>
    {
        var now = time.GetUtcNow();
        store.RemoveExpired(now);
        foreach (var (known, ended) in store.FiringOfEnded(now - TimeSpan.FromMinutes(options.CloseAfterEndMinutes)))
        {
            intake.Close(known, known.Alert, ended, "The run has ended.");
        }

        var silences = store.Silences(now);
        var acknowledged = store.Acknowledgements(now).Select(ack => ack.AlertId).ToHashSet(StringComparer.Ordinal);
        foreach (var known in store.Firing())
        {
            if (acknowledged.Contains(known.Alert.Id) || silences.Any(silence => silence.Covers(known.Project, known.Alert, AlertWords.Severity(known.Alert.Severity))))
            {
                continue;
            }

            if (known.Held)
            {
                intake.TellFiring(known with { Held = false });
            }
            else
            {
                Repeat(known, now);
            }
        }

        if (now >= nextPrune)
        {
            store.Prune(now - Kept);
            nextPrune = now + PruneInterval;
        }

        return true;
    });

    private void Repeat(KnownAlert known, DateTimeOffset now)
    {
        foreach (var receiver in known.Receivers.Where(receivers.ContainsKey).Select(name => receivers[name]).Where(r => r.Options.RepeatHours > 0 && r.Notifier.Resend is null))
        {
            if (store.Told(receiver.Name, known.Alert.Id) is { } told && told + TimeSpan.FromHours(receiver.Options.RepeatHours) <= now && !store.IsWaiting(receiver.Name, known.Alert.Id))
            {
                intake.Enqueue(receiver, Firing(known));
            }
        }
    }

    private static Notification Firing(KnownAlert known) => new(known.Alert, known.Project, NotificationStatus.Firing, known.StartsAt, null);
}
