using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Reporting;

namespace TrainingMonitor.Benchmarks.Overhead;

/// <summary>Takes reports and drops them: the time measured is that of taking and packing the statistics.</summary>
internal sealed class CountingSink : IReportSink
{
    public long Reports { get; private set; }

    public long Exact { get; private set; }

    /// <summary>What the reports say of the monitor's own cost, seconds.</summary>
    public double MonitorSeconds { get; private set; }

    public bool IsOn => true;

    public int Thinning => 1;

    public bool ShouldStop => false;

    public string Page => "";

    public event Action<Alert>? OnAlert;

    public event Action<Advice>? OnAdvice;

    /// <summary>Counts from here on.</summary>
    public void Forget() => (Reports, Exact, MonitorSeconds) = (0, 0, 0);

    public void SetLayers(LayerTable table)
    {
        OnAlert?.Invoke(new Alert());
        OnAdvice?.Invoke(new Advice());
    }

    public void SetDescription(RunDescription description)
    {
    }

    public void Report(StepReport report)
    {
        Reports++;
        Exact += report.Exact ? 1 : 0;
        MonitorSeconds += report.Values.MonitorSeconds;
    }

    public void Report(ProbeResult probe)
    {
    }

    public void Log(long step, IReadOnlyDictionary<string, double> scalars)
    {
    }

    public void Finish(Goodbye.Types.Reason reason, string message)
    {
    }

    public void Dispose()
    {
    }
}
