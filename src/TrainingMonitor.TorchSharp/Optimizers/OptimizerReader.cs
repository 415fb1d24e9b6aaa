using TorchSharp.Modules;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Layers;
using static TorchSharp.torch.optim;

namespace TrainingMonitor.TorchSharp.Optimizers;

/// <summary>Reads hyper-parameters and state of TorchSharp's optimizers from their public state dictionary.</summary>
internal static class OptimizerReader
{
    /// <summary>The rule of the coming step for one parameter.</summary>
    public static UpdateRule Read(WatchedParameter parameter) => (parameter.State, parameter.Options) switch
    {
        (SGD.State s, SGD.Options o) when o.maximize != true => Sgd(s, o),
        (Adam.State s, Adam.Options o) when o.maximize != true => new UpdateRule
        {
            Kind = RuleKind.Adam,
            LearningRate = o.LearningRate ?? 0,
            Beta1 = o.beta1 ?? 0,
            Beta2 = o.beta2 ?? 0,
            Epsilon = o.eps ?? 0,
            CoupledDecay = o.weight_decay ?? 0,
            PriorSteps = s.step,
            First = s.exp_avg,
            Second = s.exp_avg_sq,
            Largest = s.max_exp_avg_sq,
        },
        (AdamW.State s, AdamW.Options o) when o.maximize != true => new UpdateRule
        {
            Kind = RuleKind.Adam,
            LearningRate = o.LearningRate ?? 0,
            Beta1 = o.beta1 ?? 0,
            Beta2 = o.beta2 ?? 0,
            Epsilon = o.eps ?? 0,
            DecoupledDecay = (o.LearningRate ?? 0) * (o.weight_decay ?? 0),
            PriorSteps = s.step,
            First = s.exp_avg,
            Second = s.exp_avg_sq,
            Largest = s.max_exp_avg_sq,
        },
        (RMSProp.State s, RMSProp.Options o) when o.maximize != true => new UpdateRule
        {
            Kind = o.momentum > 0 ? RuleKind.RmsPropMomentum : RuleKind.RmsProp,
            LearningRate = o.LearningRate ?? 0,
            Beta1 = o.momentum ?? 0,
            Beta2 = o.alpha ?? 0,
            Epsilon = o.eps ?? 0,
            CoupledDecay = o.weight_decay ?? 0,
            PriorSteps = s.step,
            First = s.momentum_buffer,
            Second = s.square_avg,
            Mean = o.centered == true ? s.grad_avg : null,
        },
        _ => default,
    };

    /// <summary>What the optimizer is, from its first parameter group.</summary>
    public static OptimizerDescription Describe(Optimizer optimizer, LayerMap map)
    {
        var first = map.Parameters.Count > 0 ? map.Parameters[0] : null;
        var description = new OptimizerDescription { Name = optimizer.GetType().Name, LearningRate = LearningRate(optimizer) };
        switch (first?.Options)
        {
            case SGD.Options o:
                description.Kind = OptimizerKind.Sgd;
                description.Momentum = o.momentum ?? 0;
                description.Dampening = o.dampening ?? 0;
                description.Nesterov = o.nesterov ?? false;
                description.WeightDecay = o.weight_decay ?? 0;
                break;
            case Adam.Options o:
                (description.Kind, description.Beta1, description.Beta2) = (OptimizerKind.Adam, o.beta1 ?? 0, o.beta2 ?? 0);
                (description.Epsilon, description.WeightDecay, description.Amsgrad) = (o.eps ?? 0, o.weight_decay ?? 0, o.amsgrad ?? false);
                break;
            case AdamW.Options o:
                (description.Kind, description.Beta1, description.Beta2) = (OptimizerKind.Adamw, o.beta1 ?? 0, o.beta2 ?? 0);
                (description.Epsilon, description.WeightDecay, description.Amsgrad) = (o.eps ?? 0, o.weight_decay ?? 0, o.amsgrad ?? false);
                description.DecoupledDecay = true;
                description.UpdateIncludesDecay = true;
                break;
            case RMSProp.Options o:
                (description.Kind, description.Alpha, description.Momentum) = (OptimizerKind.Rmsprop, o.alpha ?? 0, o.momentum ?? 0);
                (description.Epsilon, description.WeightDecay) = (o.eps ?? 0, o.weight_decay ?? 0);
                break;
            default:
                description.Kind = OptimizerKind.Other;
                break;
        }

        return description;
    }

    /// <summary>Learning rate of the first group.</summary>
    public static double LearningRate(Optimizer optimizer)
    {
        foreach (var group in optimizer.ParamGroups)
        {
            return group.LearningRate;
        }

        return double.NaN;
    }

    private static UpdateRule Sgd(SGD.State state, SGD.Options options) => new()
    {
        Kind = (options.momentum ?? 0) == 0 ? RuleKind.Sgd : options.nesterov == true ? RuleKind.Nesterov : RuleKind.HeavyBall,
        LearningRate = options.LearningRate ?? 0,
        Beta1 = options.momentum ?? 0,
        Dampening = options.dampening ?? 0,
        CoupledDecay = options.weight_decay ?? 0,
        PriorSteps = state.momentum_buffer is null ? 0 : 1,
        First = state.momentum_buffer,
    };
}
