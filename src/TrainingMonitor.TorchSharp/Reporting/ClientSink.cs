using TrainingMonitor.Client;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.TorchSharp.Reporting;

/// <summary>Hands reports to the client.</summary>
internal sealed class ClientSink(TrainingMonitorClient client) : IReportSink
{
    public bool IsOn => client.IsOn;

    public int Thinning => client.Thinning;

    public bool ShouldStop => client.ShouldStop;

    public string Page => client.Page;

    public event Action<Alert>? OnAlert
    {
        add => client.OnAlert += value;
        remove => client.OnAlert -= value;
    }

    public event Action<Advice>? OnAdvice
    {
        add => client.OnAdvice += value;
        remove => client.OnAdvice -= value;
    }

    public void SetLayers(LayerTable table) => client.SetLayers(table);

    public void SetDescription(RunDescription description) => client.SetDescription(description);

    public void Report(StepReport report) => client.Report(report);

    public void Report(ProbeResult probe) => client.Report(probe);

    public void Log(long step, IReadOnlyDictionary<string, double> scalars) => client.Log(step, scalars);

    public void Finish(Goodbye.Types.Reason reason, string message) => client.Finish(reason, message);

    public void Dispose() => client.Dispose();
}
