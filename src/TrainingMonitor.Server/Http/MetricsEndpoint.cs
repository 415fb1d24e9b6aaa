using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prometheus;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Ingest;
using TrainingMonitor.Server.Security;
using TrainingMonitor.Server.Security.Auditing;
using TrainingMonitor.Server.Security.Limits;

namespace TrainingMonitor.Server.Http;

/// <summary>/metrics in Prometheus text: ingest, node, process. Numbers of the node only, never names of runs.</summary>
internal sealed class MetricsEndpoint
{
    private readonly CollectorRegistry registry = Metrics.NewCustomRegistry();
    private readonly MetricFactory factory;
    private readonly MonitorServices services;
    private readonly NotificationMetrics notifications;

    public MetricsEndpoint(MonitorServices services, IngestMetrics ingest, SessionRegistry sessions, CallerLimits limits, AuditLog audit)
    {
        this.services = services;
        factory = Metrics.WithCustomRegistry(registry);
        notifications = new NotificationMetrics(factory);
        DotNetStats.Register(registry);
        var streams = factory.CreateGauge("trainmon_ingest_streams", "Trainer streams open now.");
        var ready = factory.CreateGauge("trainmon_ready", "1 when the server takes trainers.");
        var opened = Counter("streams_opened", "Trainer streams that got a Welcome.");
        var closed = Counter("streams_closed", "Trainer streams that ended.");
        var refused = Counter("streams_refused", "Trainer streams refused or ended for what was sent.");
        var frames = Counter("frames", "Frames taken.");
        var bytes = Counter("bytes", "Bytes of frames taken.");
        var acks = Counter("acks", "Acks written, after merging.");
        var alerts = Counter("alerts", "Alerts written to trainers.");
        var limited = factory.CreateCounter("trainmon_limited_total", "Streams and queries refused because one token was at a limit of its own.");
        var audited = factory.CreateCounter("trainmon_audit_lines_total", "Lines of the audit log.");
        var unaudited = factory.CreateCounter("trainmon_audit_failures_total", "Lines of the audit log that could not be written.");
        registry.AddBeforeCollectCallback(() =>
        {
            streams.Set(sessions.Count);
            ready.Set(services.Ready && !sessions.Draining ? 1 : 0);
            opened.IncTo(ingest.StreamsOpened);
            closed.IncTo(ingest.StreamsClosed);
            refused.IncTo(ingest.Refused);
            frames.IncTo(ingest.Frames);
            bytes.IncTo(ingest.Bytes);
            acks.IncTo(ingest.AcksSent);
            alerts.IncTo(ingest.AlertsSent);
            limited.IncTo(limits.Refused);
            audited.IncTo(audit.Written);
            unaudited.IncTo(audit.Failures);
            Node();
        });
    }

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet("/metrics", async (HttpContext context, MetricsEndpoint metrics) =>
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await metrics.registry.CollectAndExportAsTextAsync(context.Response.Body, context.RequestAborted);
    }).WithMetadata(OpenToAll.Instance);

    private Counter Counter(string name, string help) => factory.CreateCounter($"trainmon_ingest_{name}_total", help);

    // The node names its own numbers; what counts up ends in "total".
    private void Node()
    {
        if (!services.Ready)
            return;
        notifications.Update(services.Notifications);
        foreach (var (name, value) in services.Metrics)
        {
            var metric = "trainmon_" + string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '_'));
            if (metric.EndsWith("_total", StringComparison.Ordinal))
                factory.CreateCounter(metric, "Counter of the node.").IncTo(value);
            else
                factory.CreateGauge(metric, "Number of the node.").Set(value);
        }
    }
}
