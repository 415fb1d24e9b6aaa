namespace TrainingMonitor.Estimation.Input;

/// <summary>How batches are drawn; the numbers are those of the wire contract.</summary>
public enum SamplingScheme
{
    /// <summary>Not said.</summary>
    Unknown = 0,

    /// <summary>A fresh permutation every epoch.</summary>
    Shuffled = 1,

    /// <summary>With replacement.</summary>
    WithReplacement = 2,

    /// <summary>The whole training set every step.</summary>
    FullBatch = 3,

    /// <summary>Every example once.</summary>
    Streaming = 4,

    /// <summary>The same order every epoch.</summary>
    Sequential = 5,
}
