using TrainingMonitor.Estimation;
using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Evaluation.Recordings;

namespace TrainingMonitor.Evaluation.Scoring;

/// <summary>What the detectors said of a recorded run, in order.</summary>
/// <param name="Findings">Every transition.</param>
internal sealed record RunEvents(IReadOnlyList<Finding> Findings)
{
    /// <summary>Replays the run.</summary>
    /// <param name="recording">The run.</param>
    /// <param name="look">Also called after each step, to read estimates.</param>
    public static RunEvents Of(Recording recording, Action<RunAnalysis, long>? look = null)
    {
        var findings = new List<Finding>();
        new RecordingReplay(recording).Run((analysis, step) =>
        {
            findings.AddRange(analysis.Findings);
            look?.Invoke(analysis, step);
        });
        return new RunEvents(findings);
    }

    /// <summary>First step at which the rule fired; null: never.</summary>
    public long? FirstFiring(DetectionRule rule) => Findings.FirstOrDefault(f => f.Rule == rule && f.State == FindingState.Firing)?.Step;

    /// <summary>Whether the rule said that it cannot tell, or not yet.</summary>
    public bool WasPending(DetectionRule rule) => Findings.Any(f => f.Rule == rule && f.State == FindingState.Pending);
}
