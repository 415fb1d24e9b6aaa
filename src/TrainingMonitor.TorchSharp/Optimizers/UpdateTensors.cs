using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Optimizers;

/// <summary>The quantities of <see cref="UpdateRule"/> as tensors, by torch operations on any device and in the given type. Tensors made here belong to the
/// caller's dispose scope.</summary>
internal static class UpdateTensors
{
    /// <summary>What the coming step will do.</summary>
    /// <param name="Update">u_t.</param>
    /// <param name="Gain">P = ∂u/∂g, a tensor or a scalar tensor.</param>
    /// <param name="First">First moment after the step, or null.</param>
    /// <param name="Second">Second moment after the step, or null.</param>
    internal readonly record struct Prediction(Tensor Update, Tensor Gain, Tensor? First, Tensor? Second);

    /// <summary>Predicts the step from the gradient and the state before it.</summary>
    public static Prediction Predict(in UpdateRule rule, Tensor gradient, Tensor weight, ScalarType type)
    {
        Tensor g = gradient.to_type(type), w = weight.detach().to_type(type);
        var d = rule.CoupledDecay != 0 ? g.add(w, alpha: rule.CoupledDecay) : g;
        return rule.Kind switch
        {
            RuleKind.Adam => Adam(rule, d, w, type),
            RuleKind.RmsProp or RuleKind.RmsPropMomentum => RmsProp(rule, d, type),
            _ => Sgd(rule, d, type),
        };
    }

    /// <summary>P of the coming step alone, in the type of the gradient: cheaper than <see cref="Predict"/>.</summary>
    public static Tensor Gain(in UpdateRule rule, Tensor gradient, Tensor weight, ScalarType type) => Predict(rule, gradient, weight, type).Gain;

    /// <summary>u_{t−1}, from the state that step left.</summary>
    /// <param name="rule">The rule of the coming step (its state is what step t−1 left).</param>
    /// <param name="previous">The rule of step t−1.</param>
    /// <param name="weight">w_t.</param>
    /// <param name="saved">The saved update, for rules that must save it.</param>
    /// <param name="type">Type of the result.</param>
    public static Tensor PreviousUpdate(in UpdateRule rule, in UpdateRule previous, Tensor weight, Tensor? saved, ScalarType type)
    {
        if (rule.MustSaveUpdate)
        {
            return saved!.to_type(type);
        }

        if (rule.Kind is RuleKind.HeavyBall or RuleKind.RmsPropMomentum)
        {
            return rule.First!.to_type(type) * previous.LearningRate;
        }

        // w_t = w_{t−1}(1−λ) − a gives w_{t−1} = (w_t + a)/(1−λ) and u_{t−1} = (λw_t + a)/(1−λ), without a copy of w_{t−1}.
        var adaptive = Root(rule, Effective(rule, type), rule.PriorSteps).reciprocal_().mul_(rule.First!.to_type(type))
            .mul_(previous.LearningRate / rule.Correction1(rule.PriorSteps));
        var decay = previous.DecoupledDecay;
        return decay == 0 ? adaptive : adaptive.add_(weight.detach().to_type(type), alpha: decay).div_(1 - decay);
    }

    /// <summary>√v̂ + ε of the state as it is, P of the preconditioner of the edge of stability; null where there is none yet.</summary>
    public static Tensor? Preconditioner(in UpdateRule rule, ScalarType type) => rule.Kind switch
    {
        RuleKind.Adam when rule.PriorSteps > 0 => Root(rule, Effective(rule, type), rule.PriorSteps),
        RuleKind.RmsProp or RuleKind.RmsPropMomentum when rule.PriorSteps > 0 => RmsRoot(rule, rule.Second!.to_type(type), rule.Mean?.to_type(type)),
        _ => null,
    };

    /// <summary>Second moment as the next update will see it (AMSGrad: the largest so far).</summary>
    private static Tensor Effective(in UpdateRule rule, ScalarType type) => (rule.Largest ?? rule.Second!).to_type(type);

    private static Tensor Root(in UpdateRule rule, Tensor second, long steps) => second.sqrt().div_(rule.RootCorrection2(steps)).add_(rule.Epsilon);

    private static Tensor RmsRoot(in UpdateRule rule, Tensor second, Tensor? mean) =>
        (mean is null ? second : second.addcmul(mean, mean, value: -1)).sqrt().add_(rule.Epsilon);

    private static Prediction Sgd(in UpdateRule rule, Tensor d, ScalarType type)
    {
        var first = rule.Kind == RuleKind.Sgd ? null : rule.First is null ? d : rule.First.to_type(type) * rule.Beta1 + d * (1 - rule.Dampening);
        var direction = rule.Kind switch
        {
            RuleKind.HeavyBall => first!,
            RuleKind.Nesterov => d + first! * rule.Beta1,
            _ => d,
        };
        return new Prediction(direction * rule.LearningRate, tensor(rule.ScalarGain, dtype: type, device: d.device), first, null);
    }

    private static Prediction Adam(in UpdateRule rule, Tensor d, Tensor w, ScalarType type)
    {
        var steps = rule.PriorSteps + 1;
        var first = rule.First!.to_type(type) * rule.Beta1 + d * (1 - rule.Beta1);
        var second = rule.Second!.to_type(type) * rule.Beta2 + d.square() * (1 - rule.Beta2);
        var effective = rule.Largest is null ? second : maximum(rule.Largest.to_type(type), second);
        var inverse = Root(rule, effective, steps).reciprocal_().mul_(rule.LearningRate / rule.Correction1(steps));
        var update = first * inverse;
        if (rule.DecoupledDecay != 0)
        {
            update = update.add_(w, alpha: rule.DecoupledDecay);
        }

        return new Prediction(update, inverse * (1 - rule.Beta1), first, second);
    }

    private static Prediction RmsProp(in UpdateRule rule, Tensor d, ScalarType type)
    {
        var second = rule.Second!.to_type(type) * rule.Beta2 + d.square() * (1 - rule.Beta2);
        var mean = rule.Mean is null ? null : rule.Mean.to_type(type) * rule.Beta2 + d * (1 - rule.Beta2);
        var inverse = RmsRoot(rule, second, mean).reciprocal_();
        var buffer = rule.Kind == RuleKind.RmsProp ? null : rule.First!.to_type(type) * rule.Beta1 + d * inverse;
        return new Prediction((buffer ?? d * inverse) * rule.LearningRate, inverse * rule.LearningRate, buffer, second);
    }
}
