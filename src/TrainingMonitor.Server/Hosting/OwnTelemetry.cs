using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using TrainingMonitor.Server.Ingest;

namespace TrainingMonitor.Server.Hosting;

/// <summary>The server's own traces and metrics, to a collector where one is named. The numbers are those of /metrics: one source, two ways out.</summary>
internal sealed class OwnTelemetry : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "TrainingMonitor";

    private readonly Meter meter = new(Name);
    private readonly MonitorServices services;

    public OwnTelemetry(MonitorServices services, IngestMetrics ingest, SessionRegistry sessions)
    {
        this.services = services;
        meter.CreateObservableGauge("trainmon.ready", () => services.Ready && !sessions.Draining ? 1 : 0, description: "1 when the server takes trainers.");
        meter.CreateObservableGauge("trainmon.ingest.streams", () => sessions.Count, description: "Trainer streams open now.");
        meter.CreateObservableCounter("trainmon.ingest.frames", () => ingest.Frames, description: "Frames taken.");
        meter.CreateObservableCounter("trainmon.ingest.bytes", () => ingest.Bytes, "By", "Bytes of frames taken.");
        meter.CreateObservableCounter("trainmon.ingest.refused", () => ingest.Refused, description: "Trainer streams refused or ended for what was sent.");
        // The node names its own numbers, so they are one instrument with the name as an attribute; what counts up ends in "total".
        meter.CreateObservableGauge("trainmon.node", Node, description: "Numbers of the node by name.");
    }

    /// <summary>Registers it; nothing without an endpoint.</summary>
    public static void Add(IServiceCollection services, ServerOptions options)
    {
        if (options.OtlpEndpoint.Length == 0)
            return;
        // The framework leaves method, path and status out of its spans unless asked, for instrumentation packages that add them.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        var endpoint = new Uri(options.OtlpEndpoint.TrimEnd('/') + "/");
        services.AddSingleton<OwnTelemetry>();
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("trainmon", serviceVersion: typeof(OwnTelemetry).Assembly.GetName().Version?.ToString(3), serviceInstanceId: Environment.MachineName))
            // ASP.NET Core's own source: a span for each call and each page. A stream is one span, however long; a step is none.
            .WithTracing(traces => traces.AddSource("Microsoft.AspNetCore").AddOtlpExporter(exporter => To(exporter, endpoint, "v1/traces")))
            .WithMetrics(metrics => metrics.AddInstrumentation(provider => provider.GetRequiredService<OwnTelemetry>())
                .AddMeter(Name, "Microsoft.AspNetCore.Hosting", "System.Runtime")
                .AddOtlpExporter((exporter, reader) =>
                {
                    To(exporter, endpoint, "v1/metrics");
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)(options.OtlpSeconds * 1000);
                }));
    }

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    private static void To(OtlpExporterOptions exporter, Uri endpoint, string path) => (exporter.Protocol, exporter.Endpoint) = (OtlpExportProtocol.HttpProtobuf, new Uri(endpoint, path));

    private IEnumerable<Measurement<double>> Node() =>
        services.Ready ? services.Metrics.Select(number => new Measurement<double>(number.Value, new KeyValuePair<string, object?>("name", number.Key))) : [];
}
