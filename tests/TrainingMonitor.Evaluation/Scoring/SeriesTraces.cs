using TrainingMonitor.Estimation;
using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Evaluation.Scoring;

/// <summary>Collects run-level series of a replay.</summary>
internal sealed class SeriesTraces(params RunSeries[] wanted)
{
    private readonly Dictionary<RunSeries, (List<int> Steps, List<double> Values)> traces = wanted.ToDictionary(s => s, _ => (new List<int>(), new List<double>()));

    /// <summary>A series; steps without a value are left out.</summary>
    public AlarmTrace this[RunSeries series] => new(traces[series].Steps, traces[series].Values);

    /// <summary>Takes the values of a step.</summary>
    public void Add(RunAnalysis analysis, int step)
    {
        foreach (var (series, trace) in traces)
        {
            var value = analysis.RunValues[(int)series];
            if (!double.IsNaN(value))
            {
                trace.Steps.Add(step);
                trace.Values.Add(value);
            }
        }
    }
}
