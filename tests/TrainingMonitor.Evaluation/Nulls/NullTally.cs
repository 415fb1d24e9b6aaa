using TrainingMonitor.Estimation.Detection;

namespace TrainingMonitor.Evaluation.Nulls;

/// <summary>What the detectors said of the runs of a family.</summary>
/// <param name="Family">The family.</param>
/// <param name="Steps">Steps looked at.</param>
/// <param name="Runs">Runs.</param>
/// <param name="Alarms">Firings by rule.</param>
internal sealed record NullTally(NullFamily Family, long Steps, int Runs, IReadOnlyDictionary<DetectionRule, int> Alarms)
{
    /// <summary>Firings of a rule.</summary>
    public int Of(DetectionRule rule) => Alarms.GetValueOrDefault(rule);

    /// <summary>Whether the family judges the rule.</summary>
    public bool Judges(DetectionRule rule) => !Family.NotJudged.Contains(rule);
}
