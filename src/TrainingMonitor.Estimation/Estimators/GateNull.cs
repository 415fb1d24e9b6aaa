namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Fraction of coordinates that a gate lets through under pure noise: what is subtracted before an open fraction means anything.</summary>
internal static class GateNull
{
    /// <summary>Exact gate μ² > σ²/(M−1) over M units, that is |t_{M−1}| > 1 for Gaussian per-unit gradients: 0.35 at 8, 0.317 for many.</summary>
    public static double Exact(double units) => units >= 2 ? StudentT.TwoSidedTail(units - 1, 1) : double.NaN;

    /// <summary>Gate of the Adam state m̂² > v̂ − m̂² after <paramref name="steps"/> updates. With weights a_i of m̂ and b_i of v̂, unit noise, and ξ the
    /// standard normal part of the gradients along a: m̂² = ‖a‖²ξ² and v̂ is about (1−c)χ²_ν/ν + cξ² with c = Σa²b/Σa², ν = 1/Σb² − 1, so the gate opens when
    /// |t_ν| > √((1−c)/(2‖a‖²−c)). The part cξ², the gradients that m̂ and v̂ share, halves the null already at β₂ = 0.98. For many steps and β₂ → 1 this is
    /// 2Φ̄(√((1+β₁)/(2(1−β₁)))), 0.002 at β₁ = 0.9.</summary>
    public static double Proxy(double beta1, double beta2, double steps)
    {
        double square = beta1 * beta1, one = Math.Pow(beta1, steps), two = Math.Pow(beta2, steps);
        var length = (1 - beta1) * (1 + one) / ((1 + beta1) * (1 - one));
        var shared = (1 - beta2) / (1 - two) * ((1 - Math.Pow(square * beta2, steps)) / (1 - (square * beta2))) * ((1 - square) / (1 - (one * one)));
        var freedom = ((1 + beta2) * (1 - two) / ((1 - beta2) * (1 + two))) - 1;
        return (2 * length) > shared && freedom > 0 ? StudentT.TwoSidedTail(freedom, Math.Sqrt((1 - shared) / ((2 * length) - shared))) : double.NaN;
    }
}
