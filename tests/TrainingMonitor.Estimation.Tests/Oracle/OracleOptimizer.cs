using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Tests.Oracle;

/// <summary>One parameter tensor's optimizer, coordinate by coordinate, with the semantics of torch.optim.</summary>
public sealed class OracleOptimizer(OracleOptions options, int count)
{
    private int step;

    /// <summary>First moment, or the momentum buffer.</summary>
    public double[] First { get; } = new double[count];

    /// <summary>Second moment (Adam family).</summary>
    public double[] Second { get; } = new double[count];

    /// <summary>P_k = ∂u_k/∂g_k of the last step (Adam: v̂'s own dependence left out).</summary>
    public double[] Gain { get; } = new double[count];

    /// <summary>u = w_t − w_{t+1} of the last step, decay included.</summary>
    public double[] Update { get; } = new double[count];

    /// <summary>Part of <see cref="Update"/> that is decoupled decay.</summary>
    public double[] Decay { get; } = new double[count];

    /// <summary>Multiplies the learning rate from now on: a shock.</summary>
    public double RateFactor { get; set; } = 1;

    /// <summary>Steps made.</summary>
    public int Steps => step;

    /// <summary>v̂_k; only for the Adam family after a step.</summary>
    public double SecondHat(int k) => Second[k] / (1 - Math.Pow(options.Beta2, step));

    public bool IsAdam => options.Optimizer is OptimizerKind.Adam or OptimizerKind.AdamW;

    /// <summary>Makes a step: changes the weights, keeps <see cref="Update"/>.</summary>
    public void Step(double[] weights, double[] gradient)
    {
        step++;
        if (IsAdam)
        {
            Adam(weights, gradient);
        }
        else
        {
            Sgd(weights, gradient);
        }
    }

    private void Adam(double[] weights, double[] gradient)
    {
        double beta1 = options.Beta1, beta2 = options.Beta2, rate = options.LearningRate * RateFactor;
        double one = 1 - Math.Pow(beta1, step), two = 1 - Math.Pow(beta2, step);
        var decoupled = options.Optimizer == OptimizerKind.AdamW;
        for (var k = 0; k < weights.Length; k++)
        {
            var g = decoupled ? gradient[k] : gradient[k] + (options.WeightDecay * weights[k]);
            First[k] = (beta1 * First[k]) + ((1 - beta1) * g);
            Second[k] = (beta2 * Second[k]) + ((1 - beta2) * g * g);
            var scale = rate / one / (Math.Sqrt(Second[k] / two) + options.Epsilon);
            Decay[k] = decoupled ? rate * options.WeightDecay * weights[k] : 0;
            Update[k] = (scale * First[k]) + Decay[k];
            Gain[k] = scale * (1 - beta1);
            weights[k] -= Update[k];
        }
    }

    private void Sgd(double[] weights, double[] gradient)
    {
        double beta = options.Momentum, rate = options.LearningRate * RateFactor;
        var fresh = step == 1 ? 1 : 1 - options.Dampening;
        var share = beta == 0 ? 1 : options.Nesterov ? 1 + (beta * fresh) : fresh;
        for (var k = 0; k < weights.Length; k++)
        {
            var g = gradient[k] + (options.WeightDecay * weights[k]);
            First[k] = (beta * First[k]) + (fresh * g);
            var direction = beta == 0 ? g : options.Nesterov ? g + (beta * First[k]) : First[k];
            Update[k] = rate * direction;
            Gain[k] = rate * share;
            weights[k] -= Update[k];
        }
    }
}
