using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Evaluation.Nulls;

/// <summary>SGD with momentum, or Adam, on d weights: w ← w − u. P_k = ∂u_k/∂g_k.</summary>
internal sealed class NullOptimizer(NullFamily family)
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;
    private readonly double[] first = new double[NullData.Weights];
    private readonly double[] second = new double[NullData.Weights];
    private int updates;

    /// <summary>The last update, u.</summary>
    public double[] Update { get; } = new double[NullData.Weights];

    /// <summary>P of the last update.</summary>
    public double[] Gain { get; } = new double[NullData.Weights];

    /// <summary>g²/v̂ before the last update; 0 where there is no second moment.</summary>
    public double[] Staleness { get; } = new double[NullData.Weights];

    /// <summary>Momentum of the lag.</summary>
    public double Momentum => family.Optimizer == OptimizerKind.Adam ? Beta1 : family.Momentum;

    /// <summary>Makes the update of a gradient.</summary>
    public void Step(ReadOnlySpan<double> gradient, double rate)
    {
        updates++;
        var (correction1, correction2) = (1 - Math.Pow(Beta1, updates), 1 - Math.Pow(Beta2, updates));
        for (var k = 0; k < gradient.Length; k++)
        {
            var g = gradient[k];
            if (family.Optimizer != OptimizerKind.Adam)
            {
                first[k] = (family.Momentum * first[k]) + g;
                (Update[k], Gain[k]) = (rate * first[k], rate);
                continue;
            }

            Staleness[k] = updates > 1 ? g * g / (second[k] / (1 - Math.Pow(Beta2, updates - 1))) : 1;
            first[k] = (Beta1 * first[k]) + ((1 - Beta1) * g);
            second[k] = (Beta2 * second[k]) + ((1 - Beta2) * g * g);
            var scale = rate / correction1 / (Math.Sqrt(second[k] / correction2) + Epsilon);
            (Update[k], Gain[k]) = (scale * first[k], scale * (1 - Beta1));
        }
    }
}
