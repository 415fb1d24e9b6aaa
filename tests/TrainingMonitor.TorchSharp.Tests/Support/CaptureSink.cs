using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Reporting;

namespace TrainingMonitor.TorchSharp.Tests.Support;

/// <summary>Keeps what would be sent.</summary>
internal sealed class CaptureSink : IReportSink
{
    public List<StepReport> Reports { get; } = [];

    public List<ProbeResult> Probes { get; } = [];

    public List<RunDescription> Descriptions { get; } = [];

    public List<(Goodbye.Types.Reason Reason, string Message)> Goodbyes { get; } = [];

    public List<(long Step, IReadOnlyDictionary<string, double> Scalars)> Scalars { get; } = [];

    public LayerTable Table { get; private set; } = new();

    public bool IsOn { get; set; } = true;

    public int Thinning { get; set; } = 1;

    public bool ShouldStop { get; set; }

    public string Page => "";

    public Exception? ThrowOnReport { get; set; }

    public event Action<Alert>? OnAlert;

    public event Action<Advice>? OnAdvice;

    public void Raise(Alert alert) => OnAlert?.Invoke(alert);

    public void Advise(Advice advice) => OnAdvice?.Invoke(advice);

    public void SetLayers(LayerTable table) => Table = table;

    public void SetDescription(RunDescription description) => Descriptions.Add(description);

    public void Report(StepReport report)
    {
        if (ThrowOnReport is not null)
        {
            throw ThrowOnReport;
        }

        Reports.Add(report);
    }

    public void Report(ProbeResult probe) => Probes.Add(probe);

    public void Log(long step, IReadOnlyDictionary<string, double> scalars) => Scalars.Add((step, scalars));

    public void Finish(Goodbye.Types.Reason reason, string message) => Goodbyes.Add((reason, message));

    public void Dispose()
    {
    }

    public StepReport At(long step) => Reports.Single(r => r.Step == (ulong)step);
}
