using Prometheus;
using TrainingMonitor.Notifications;

namespace TrainingMonitor.Server.Http;

/// <summary>Delivery of alerts in /metrics: by the name of the receiver, which the server's owner chose; never names of runs.</summary>
internal sealed class NotificationMetrics(MetricFactory factory)
{
    private readonly Counter told = factory.CreateCounter("trainmon_notifications_total", "Notifications by what became of them: sent, failed, retried (attempts), dropped, silenced.", "receiver", "outcome");
    private readonly Gauge waiting = factory.CreateGauge("trainmon_notifications_waiting", "Notifications that wait for their receiver.", "receiver");
    private readonly Gauge memory = factory.CreateGauge("trainmon_notifications_in_memory", "Batches of alerts that could not be written to the notifications file yet.");
    private readonly Counter lost = factory.CreateCounter("trainmon_notifications_lost_total", "Batches of alerts lost because the notifications file could not be written for too long.");

    public void Update(NotificationCenter? center)
    {
        if (center is null)
            return;
        memory.Set(center.InMemory);
        lost.IncTo(center.Lost);
        foreach (var receiver in center.Receivers)
        {
            var counters = receiver.Counters;
            foreach (var (outcome, value) in (ReadOnlySpan<(string, long)>)[("sent", counters.Sent), ("failed", counters.Failed), ("retried", counters.Retried), ("dropped", counters.Dropped), ("silenced", counters.Silenced)])
                told.WithLabels(receiver.Name, outcome).IncTo(value);
            waiting.WithLabels(receiver.Name).Set(receiver.Waiting);
        }
    }
}
