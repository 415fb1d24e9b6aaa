namespace TrainingMonitor.TorchSharp.Optimizers;

/// <summary>How an optimizer turns a gradient into an update.</summary>
internal enum RuleKind
{
    /// <summary>Not known: only gradient and weight statistics.</summary>
    Unknown,

    /// <summary>Plain SGD.</summary>
    Sgd,

    /// <summary>SGD with momentum.</summary>
    HeavyBall,

    /// <summary>SGD with Nesterov momentum.</summary>
    Nesterov,

    /// <summary>Adam, AdamW.</summary>
    Adam,

    /// <summary>RMSProp without momentum.</summary>
    RmsProp,

    /// <summary>RMSProp with momentum.</summary>
    RmsPropMomentum,
}
