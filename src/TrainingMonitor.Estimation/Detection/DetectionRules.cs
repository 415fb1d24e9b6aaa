namespace TrainingMonitor.Estimation.Detection;

/// <summary>Names of the rules, as they appear in alerts, queries and stores.</summary>
public static class DetectionRules
{
    /// <summary>Stable snake_case name.</summary>
    public static string Name(DetectionRule rule) => rule switch
    {
        DetectionRule.MemorizationOnset => "memorization_onset",
        DetectionRule.GrokkingOnItsWay => "grokking_on_its_way",
        DetectionRule.Grokking => "grokking",
        DetectionRule.MemorizationStays => "memorization_stays",
        DetectionRule.EdgeOfStability => "edge_of_stability",
        DetectionRule.LossSpike => "loss_spike",
        DetectionRule.NonFinite => "nonfinite",
        DetectionRule.Divergence => "divergence",
        DetectionRule.Stalled => "stalled",
        DetectionRule.RankDisagreement => "rank_disagreement",
        DetectionRule.SpikePrecursor => "spike_precursor",
        DetectionRule.CanariesMemorized => "canaries_memorized",
        DetectionRule.SentinelLossRising => "sentinel_loss_rising",
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, null),
    };
}
