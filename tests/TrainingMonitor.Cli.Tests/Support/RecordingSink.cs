using System.Globalization;
using TrainingMonitor.Cli.Tail;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Tests.Support;

/// <summary>Keeps what a tail would send, as text.</summary>
internal sealed class RecordingSink : ITailSink
{
    public List<string> Said { get; } = [];

    public List<StepReport> Reports { get; } = [];

    public void Describe(long plannedSteps, string format)
    {
    }

    public void Report(StepReport report)
    {
        Reports.Add(report);
        var norm = report.Columns.Count > 0 ? "+norm" : "";
        Said.Add(string.Create(CultureInfo.InvariantCulture, $"step {report.Step} loss {(report.Values.HasLoss ? report.Values.Loss : -1)}{norm}"));
    }

    public void Log(long step, IReadOnlyDictionary<string, double> scalars, long timeUnixNs) => Said.Add($"scalars {step} {string.Join(',', scalars.Keys)}");
}
