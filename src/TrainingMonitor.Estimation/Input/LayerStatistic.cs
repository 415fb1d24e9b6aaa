namespace TrainingMonitor.Estimation.Input;

/// <summary>A statistic of one layer at one step, as a trainer sends it. The numbers are those of the wire contract
/// (<c>statistics.proto</c>, where each has its formula and unit); a test keeps the two equal.</summary>
public enum LayerStatistic
{
    /// <summary>‖ḡ‖².</summary>
    GradSq = 1,

    /// <summary>Mean over units of ‖g_i‖².</summary>
    ExampleGradSq = 2,

    /// <summary>⟨g_t,u_t⟩, nats.</summary>
    Own = 3,

    /// <summary>⟨g_t,u_{t−1}⟩, nats.</summary>
    Cross = 4,

    /// <summary>q = Σ_k P_k·mean_i g_ik², nats.</summary>
    SelfSecondMoment = 5,

    /// <summary>s = Σ_k P_k ḡ_k², nats.</summary>
    SelfMeanSq = 6,

    /// <summary>⟨ḡ,w⟩.</summary>
    GradDotWeight = 7,

    /// <summary>⟨g_t, decay part of u_t⟩, nats.</summary>
    DecayOwn = 8,

    /// <summary>⟨g_t, decay part of u_{t−1}⟩, nats.</summary>
    DecayCross = 9,

    /// <summary>‖w‖² before the step.</summary>
    WeightSq = 10,

    /// <summary>‖u‖².</summary>
    UpdateSq = 11,

    /// <summary>‖m‖² of the optimizer's first moment.</summary>
    MomentumSq = 12,

    /// <summary>Σ v of the optimizer's second moment.</summary>
    SecondMomentSum = 13,

    /// <summary>√mean(g²/v̂).</summary>
    RmsStaleness = 14,

    /// <summary>Coordinates whose squared mean exceeds their leave-one-out noise.</summary>
    GateOpen = 15,

    /// <summary>Coordinates with a non-zero per-example variance.</summary>
    GateTotal = 16,

    /// <summary>Coordinates with m̂² &gt; v̂ − m̂² in the Adam state.</summary>
    GateOpenProxy = 17,

    /// <summary>Coordinates with v̂ &gt; 0.</summary>
    GateTotalProxy = 18,

    /// <summary>Gradient elements that are NaN or infinite.</summary>
    NonFinite = 19,
}
