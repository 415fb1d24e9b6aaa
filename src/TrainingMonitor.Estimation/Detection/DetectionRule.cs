namespace TrainingMonitor.Estimation.Detection;

/// <summary>What a detector looks for. <see cref="DetectionRules.Name"/> gives the rule's stable name.</summary>
public enum DetectionRule
{
    /// <summary>Training loss falls without helping other examples.</summary>
    MemorizationOnset,

    /// <summary>Memorized, and ρ climbs: generalization is coming.</summary>
    GrokkingOnItsWay,

    /// <summary>ρ has passed 1 after memorization: generalization has begun.</summary>
    Grokking,

    /// <summary>Memorized, and ρ stays flat below 1.</summary>
    MemorizationStays,

    /// <summary>Sharpness has met the optimizer's threshold.</summary>
    EdgeOfStability,

    /// <summary>The loss jumped.</summary>
    LossSpike,

    /// <summary>NaN or infinity.</summary>
    NonFinite,

    /// <summary>The loss runs away and does not come back.</summary>
    Divergence,

    /// <summary>No report within the promised time.</summary>
    Stalled,

    /// <summary>Ranks that must agree do not.</summary>
    RankDisagreement,

    /// <summary>Updates have left what is usual: a loss spike is likely.</summary>
    SpikePrecursor,

    /// <summary>The random labels of canaries are known by heart.</summary>
    CanariesMemorized,

    /// <summary>Loss on withheld examples that were never trained on rises.</summary>
    SentinelLossRising,
}
