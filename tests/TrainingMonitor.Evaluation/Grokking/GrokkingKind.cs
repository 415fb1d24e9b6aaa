namespace TrainingMonitor.Evaluation.Grokking;

/// <summary>Why a run should or should not generalize. What it did is <see cref="GrokkingTruth"/>.</summary>
internal enum GrokkingKind
{
    /// <summary>Meant to memorize, and to generalize later.</summary>
    Generalizes,

    /// <summary>Random labels: nothing to understand.</summary>
    RandomLabels,

    /// <summary>No weight decay.</summary>
    NoDecay,

    /// <summary>Too few pairs.</summary>
    TooFewPairs,

    /// <summary>Decay so strong that the run does not fit.</summary>
    TooMuchDecay,

    /// <summary>Slow, and cut off by its budget of steps.</summary>
    CutOff,
}
