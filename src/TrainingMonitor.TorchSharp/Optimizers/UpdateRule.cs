using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Optimizers;

/// <summary>The rule by which one parameter will be updated by the coming step: hyper-parameters and the optimizer's state before it.
/// With w the weight, g the gradient, d = g + c·w (coupled decay c), λ = η·decay (decoupled):
/// <list type="bullet">
/// <item>SGD: u = ηd; heavy-ball: m' = βm + (1−δ)d (first step m' = d), u = ηm'; Nesterov: u = η(d + βm')</item>
/// <item>Adam: m' = β₁m + (1−β₁)d, v' = β₂v + (1−β₂)d², u = λw + η/(1−β₁ᵗ)·m'/(√v'/√(1−β₂ᵗ) + ε)</item>
/// <item>RMSProp: v' = αv + (1−α)d², u = ηd/(√v' + ε), with momentum b' = βb + d/(√v'+ε), u = ηb'</item>
/// </list></summary>
internal readonly record struct UpdateRule
{
    /// <summary>Kind; Unknown where nothing can be said of the update.</summary>
    public RuleKind Kind { get; init; }

    /// <summary>η.</summary>
    public double LearningRate { get; init; }

    /// <summary>β of momentum, β₁ of Adam.</summary>
    public double Beta1 { get; init; }

    /// <summary>β₂ of Adam, α of RMSProp.</summary>
    public double Beta2 { get; init; }

    /// <summary>ε.</summary>
    public double Epsilon { get; init; }

    /// <summary>Dampening δ of SGD.</summary>
    public double Dampening { get; init; }

    /// <summary>c, decay that is added to the gradient.</summary>
    public double CoupledDecay { get; init; }

    /// <summary>λ = η·decay of AdamW.</summary>
    public double DecoupledDecay { get; init; }

    /// <summary>Steps already made (Adam, RMSProp); for SGD with momentum 1 once there is a buffer.</summary>
    public long PriorSteps { get; init; }

    /// <summary>Momentum buffer or first moment; null: none yet.</summary>
    public Tensor? First { get; init; }

    /// <summary>Second moment v.</summary>
    public Tensor? Second { get; init; }

    /// <summary>Largest v so far (AMSGrad).</summary>
    public Tensor? Largest { get; init; }

    /// <summary>Mean gradient (centered RMSProp).</summary>
    public Tensor? Mean { get; init; }

    /// <summary>1 − β₁ᵗ after the given number of steps.</summary>
    public double Correction1(long steps) => 1 - Math.Pow(Beta1, steps);

    /// <summary>√(1 − β₂ᵗ) after the given number of steps.</summary>
    public double RootCorrection2(long steps) => Math.Sqrt(1 - Math.Pow(Beta2, steps));

    /// <summary>Whether u_{t−1} must be saved because no state holds it.</summary>
    public bool MustSaveUpdate => Kind is RuleKind.Sgd or RuleKind.Nesterov or RuleKind.RmsProp;

    /// <summary>P = ∂u/∂g of the SGD family, one number for all coordinates.</summary>
    public double ScalarGain => Kind switch
    {
        RuleKind.Sgd => LearningRate,
        RuleKind.HeavyBall => LearningRate * (PriorSteps > 0 ? 1 - Dampening : 1),
        RuleKind.Nesterov => LearningRate * (1 + Beta1 * (PriorSteps > 0 ? 1 - Dampening : 1)),
        _ => double.NaN,
    };

    /// <summary>Whether this rule follows directly on <paramref name="previous"/>, so that the state still is what that step left.</summary>
    public bool Follows(UpdateRule previous) => previous.Kind == Kind && Kind switch
    {
        RuleKind.Unknown => false,
        RuleKind.Adam or RuleKind.RmsProp or RuleKind.RmsPropMomentum => PriorSteps == previous.PriorSteps + 1,
        RuleKind.HeavyBall or RuleKind.Nesterov => PriorSteps == 1,
        _ => true,
    };
}
