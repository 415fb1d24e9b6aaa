using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.State;
using TrainingMonitor.Protocol.Conversion;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.State;

/// <summary>Numbers the alert transitions of a run and knows which alerts are open.</summary>
internal sealed class AlertBook(string runId)
{
    private readonly SortedDictionary<string, Alert> active = new(StringComparer.Ordinal);
    private ulong ordinal;

    /// <summary>Newest transition of each alert that is pending or firing, by id.</summary>
    public IReadOnlyCollection<Alert> Active => active.Values;

    public int Firing => active.Values.Count(alert => alert.State == AlertState.Firing);

    public Severity Worst =>
        active.Values.Where(alert => alert.State == AlertState.Firing).Select(alert => alert.Severity).DefaultIfEmpty(Severity.Unspecified).Max();

    public Alert Add(Finding finding, string layer, int attempt, int segment)
    {
        var alert = finding.ToAlert(runId, layer, ++ordinal, attempt, segment);
        if (alert.State == AlertState.Resolved)
        {
            active.Remove(alert.Id);
        }
        else
        {
            active[alert.Id] = alert;
        }

        return alert;
    }

    public void Save(StateWriter writer)
    {
        writer.Write((long)ordinal);
        StateMessages.Write(writer, [.. active.Values]);
    }

    public void Load(ref StateReader reader)
    {
        ordinal = (ulong)reader.ReadInt64();
        var alerts = new List<Alert>();
        StateMessages.Read(ref reader, alerts, Alert.Parser);
        foreach (var alert in alerts)
        {
            active[alert.Id] = alert;
        }
    }
}
