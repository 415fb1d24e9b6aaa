namespace TrainingMonitor.Evaluation.Nulls;

/// <summary>Law of the noise in the targets of a null stream; variance 1 where it has one.</summary>
internal enum NullLaw
{
    /// <summary>Normal.</summary>
    Normal,

    /// <summary>Student's with 3 degrees of freedom.</summary>
    Student3,

    /// <summary>Centred exponential: skewed.</summary>
    Exponential,
}
