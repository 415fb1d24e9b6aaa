namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Fraction of coordinates that a gate lets through under pure noise: what is subtracted before an open fraction means anything.</summary>
internal static class GateNull
{
    /// <summary>Exact gate μ² > σ²/(M−1) over M units, that is |t_{M−1}| > 1 for Gaussian per-unit gradients: 0.35 at 8, 0.317 for many.</summary>
    public static double Exact(double units) => units >= 2 ? StudentT.TwoSidedTail(units - 1, 1) : double.NaN;

    /// <summary>Gate of the Adam state m̂² > v̂ − m̂² after <paramref name="steps"/> updates. Under noise of variance σ² the bias-corrected m̂ has variance
    /// σ²(1−β₁)(1+β₁ᵗ)/((1+β₁)(1−β₁ᵗ)) and v̂ mean σ² with the fluctuation of (1+β₂)(1−β₂ᵗ)/((1−β₂)(1+β₂ᵗ)) squares, so that
    /// m̂/√v̂ is about Student's t with that many degrees of freedom. Many steps and β₂ → 1 give 2Φ̄(√((1+β₁)/(2(1−β₁)))) = 0.002 at β₁ = 0.9.</summary>
    public static double Proxy(double beta1, double beta2, double steps)
    {
        double one = Math.Pow(beta1, steps), two = Math.Pow(beta2, steps);
        var variance = (1 - beta1) * (1 + one) / ((1 + beta1) * (1 - one));
        var freedom = (1 + beta2) * (1 - two) / ((1 - beta2) * (1 + two));
        return StudentT.TwoSidedTail(freedom, Math.Sqrt(1 / (2 * variance)));
    }
}
