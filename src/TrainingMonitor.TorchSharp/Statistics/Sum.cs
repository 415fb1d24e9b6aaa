namespace TrainingMonitor.TorchSharp.Statistics;

/// <summary>Sums over the elements of one parameter, from which the columns are made.</summary>
internal enum Sum
{
    /// <summary>Σg².</summary>
    GradSq,

    /// <summary>Σg·u_t.</summary>
    GradUpdate,

    /// <summary>Σg·u_{t−1}; NaN where unknown.</summary>
    GradPrevious,

    /// <summary>ΣP·g².</summary>
    GainGradSq,

    /// <summary>Σg·w.</summary>
    GradWeight,

    /// <summary>Σw².</summary>
    WeightSq,

    /// <summary>Σu².</summary>
    UpdateSq,

    /// <summary>Σm'² of the first moment after the step; NaN where there is none.</summary>
    FirstSq,

    /// <summary>Σv' of the second moment after the step; NaN where there is none.</summary>
    SecondSum,

    /// <summary>Σ(g/(√v̂+ε))² with v̂ before the step; NaN where unknown.</summary>
    Staleness,

    /// <summary>Coordinates with m̂² &gt; v̂ − m̂² after the step.</summary>
    GateOpen,

    /// <summary>Coordinates with v̂ &gt; 0 after the step.</summary>
    GateTotal,

    /// <summary>Gradient elements that are not finite.</summary>
    NonFinite,

    /// <summary>Number of sums.</summary>
    Count,
}
