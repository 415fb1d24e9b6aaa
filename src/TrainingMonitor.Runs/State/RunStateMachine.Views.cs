using Google.Protobuf;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Runs.State;

/// <content>What readers see.</content>
public sealed partial class RunStateMachine
{
    /// <summary>Project, as the trainer says it.</summary>
    public string Project => project;

    /// <summary>One line of the run's list.</summary>
    public RunSummary Summary() => new()
    {
        RunId = RunId,
        Project = project,
        Name = name,
        State = Status,
        Attempt = (uint)Math.Max(0, Attempt),
        Segment = (uint)(applier?.Segment ?? 0),
        Step = (ulong)Math.Max(0, applier?.LastStep ?? 0),
        PlannedSteps = description.PlannedSteps,
        StartedUnixNs = startedUnixNs,
        UpdatedUnixNs = updatedUnixNs,
        FiringAlerts = (uint)alerts.Firing,
        WorstSeverity = alerts.Worst,
        Loss = applier?.Latest[(int)RunSeries.Loss] ?? double.NaN,
    };

    /// <summary>Newest transitions of the alerts that are firing, oldest first.</summary>
    public IReadOnlyList<Alert> FiringAlerts =>
        [.. alerts.Active.Where(alert => alert.State == AlertState.Firing).OrderBy(alert => alert.Ordinal)];

    /// <summary>Latest finite run-level estimates by series name.</summary>
    public void CopyEstimates(IDictionary<string, double> target)
    {
        ArgumentNullException.ThrowIfNull(target);
        for (var i = 0; applier is not null && i < SeriesCatalog.RunCount; i++)
        {
            if (!double.IsNaN(applier.Latest[i]))
            {
                target[SeriesCatalog.Info((RunSeries)i).Name] = applier.Latest[i];
            }
        }
    }

    /// <summary>Everything a reader may ask of the run as it is now.</summary>
    public RunDetail Detail()
    {
        var detail = new RunDetail { Summary = Summary(), Description = description };
        CopyEstimates(detail.Estimates);
        counters.CopyTo(detail.Counters);
        detail.ActiveAlerts.Add(alerts.Active.OrderBy(alert => alert.Ordinal));
        if (applier is null)
        {
            return detail;
        }

        detail.Segments.Add(applier.Segments.Select(segment => segment.Clone()));
        if (applier.Table is not { } table)
        {
            return detail;
        }

        detail.Layers.Add(table.Layers);
        for (var s = 0; s < SeriesCatalog.LayerCount; s++)
        {
            var values = applier.Window.Last.Slice(s * table.Layers.Count, table.Layers.Count);
            if (values.ContainsAnyExcept(double.NaN))
            {
                var all = new LayerValues();
                all.Values.Add(values.ToArray());
                detail.LayerEstimates.Add(SeriesCatalog.Info((LayerSeries)s).Name, all);
            }
        }

        return detail;
    }

    /// <summary>What the store keeps of the run for lists.</summary>
    public RunRow Row()
    {
        var detail = Detail();
        return new RunRow(detail.Summary.ToByteArray(), detail.ToByteArray());
    }
}
