using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Instability;

/// <summary>What the detectors and baselines said of a recorded run, beside its truth.</summary>
internal sealed class InstabilityRun
{
    /// <summary>Alarms of a baseline within so many steps are one.</summary>
    private const int Apart = 50;

    private readonly Dictionary<DetectionRule, int[]> firings;
    private readonly double[] gradientScores;
    private readonly double[] lossScores;
    private readonly int[] steps;

    public InstabilityRun(Recording recording)
    {
        Header = recording.Header;
        Truth = InstabilityTruth.Of(recording);
        steps = recording.Steps;
        FaultStep = Header.Facts.TryGetValue("fault_step", out var at) ? (int)at : null;
        var (norms, losses) = (new List<double>(), new List<double>());
        var events = RunEvents.Of(recording, (analysis, _) =>
        {
            norms.Add(analysis.RunValues[(int)RunSeries.GradNorm]);
            losses.Add(analysis.RunValues[(int)RunSeries.Loss]);
        });
        firings = events.Findings.Where(finding => finding.State == FindingState.Firing)
            .GroupBy(finding => finding.Rule).ToDictionary(rule => rule.Key, rule => rule.Select(finding => (int)finding.Step).ToArray());
        gradientScores = NormBaseline.Scores(norms[..steps.Length]);
        lossScores = NormBaseline.Scores(losses[..steps.Length]);
    }

    /// <summary>What the run was.</summary>
    public RecordingHeader Header { get; }

    /// <summary>The truth.</summary>
    public InstabilityTruth Truth { get; }

    /// <summary>First step of the fault; null: a healthy run.</summary>
    public int? FaultStep { get; }

    /// <summary>"shock", "stale", "corrupt", "overflow" or "healthy".</summary>
    public string Kind => Header.Cell.Split('-')[0];

    /// <summary>Steps in which nothing was wrong: all of a healthy run, those before the fault of another.</summary>
    public int HealthySteps => FaultStep ?? steps.Length;

    /// <summary>Steps at which the rule fired.</summary>
    public IReadOnlyList<int> Firings(DetectionRule rule) => firings.GetValueOrDefault(rule) ?? [];

    /// <summary>Alarms of the gradient-norm baseline.</summary>
    public IReadOnlyList<int> GradientAlarms(double threshold) => Alarms(gradientScores, threshold);

    /// <summary>Alarms of the loss baseline.</summary>
    public IReadOnlyList<int> LossAlarms(double threshold) => Alarms(lossScores, threshold);

    /// <summary>Alarms while nothing was wrong.</summary>
    public int FalseAlarms(IReadOnlyList<int> alarms) => alarms.Count(step => step < (FaultStep ?? int.MaxValue));

    /// <summary>First alarm from the fault on, before the given step; null: none.</summary>
    public int? FirstAlarm(IReadOnlyList<int> alarms, int before)
    {
        foreach (var step in alarms)
        {
            if (step >= FaultStep && step < before)
            {
                return step;
            }
        }

        return null;
    }

    private List<int> Alarms(double[] scores, double threshold)
    {
        var alarms = new List<int>();
        for (var t = 0; t < scores.Length; t++)
        {
            if (scores[t] > threshold && (alarms.Count == 0 || steps[t] - alarms[^1] > Apart))
            {
                alarms.Add(steps[t]);
            }
        }

        return alarms;
    }
}
