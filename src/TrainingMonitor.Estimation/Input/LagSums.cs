namespace TrainingMonitor.Estimation.Input;

/// <summary>Sums over the examples of one batch for the regression cross_i = c + κ z_i, z_i = β^(L_i−1)
/// (<c>shared evidence: fresh gain by regression on the lag</c>). Additive over ranks.</summary>
/// <param name="Count">Examples.</param>
/// <param name="SumCross">Σ cross_i, nats.</param>
/// <param name="SumZ">Σ z_i.</param>
/// <param name="SumCrossZ">Σ cross_i z_i.</param>
/// <param name="SumZSq">Σ z_i².</param>
/// <param name="SumCrossSq">Σ cross_i².</param>
public readonly record struct LagSums(double Count, double SumCross, double SumZ, double SumCrossZ, double SumZSq, double SumCrossSq);
