namespace TrainingMonitor.Estimation.Input;

/// <summary>Family of the optimizer; the numbers are those of the wire contract.</summary>
public enum OptimizerKind
{
    /// <summary>Not said.</summary>
    Unknown = 0,

    /// <summary>SGD: plain, heavy-ball or Nesterov.</summary>
    Sgd = 1,

    /// <summary>Adam.</summary>
    Adam = 2,

    /// <summary>AdamW.</summary>
    AdamW = 3,

    /// <summary>RMSProp.</summary>
    RmsProp = 4,

    /// <summary>Any other.</summary>
    Other = 15,
}
