namespace TrainingMonitor.Estimation.Detection.Grokking;

/// <summary>The three rules of <see cref="GrokkingDetector"/>.</summary>
public static class GrokkingRules
{
    /// <summary>Memorized, and ρ climbs towards 1.</summary>
    public static readonly AlertRule OnItsWay = new(
        DetectionRule.GrokkingOnItsWay,
        FindingSeverity.Info,
        "loo_ratio",
        "slope above zero by two standard errors (autocorrelation taken into account), not flattening, 1 within twice the time since memorization, for a tenth of that time; 0 of 48 runs with random labels, no decay or too little data fired",
        "Keep training: generalization is likely. The forecast rests on small networks on modular arithmetic.");

    /// <summary>ρ passed 1 after memorization and stays.</summary>
    public static readonly AlertRule Begun = new(
        DetectionRule.Grokking,
        FindingSeverity.Info,
        "loo_ratio",
        "ρ at or above 1 for a tenth of the time since memorization, after it was below 0.95 and rose by at least 0.1",
        "Generalization has begun; held-out accuracy rises from here. Train on until ρ levels off.");

    /// <summary>Memorized, and ρ flat below 1.</summary>
    public static readonly AlertRule Stays = new(
        DetectionRule.MemorizationStays,
        FindingSeverity.Warning,
        "loo_ratio",
        "ρ below 1 and, carried on, not at 1 within ten times the time since memorization, for a quarter of that time",
        "Training on as it is will not help. More data, stronger weight decay or a check of the labels may.");
}
