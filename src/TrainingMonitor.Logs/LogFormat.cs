namespace TrainingMonitor.Logs;

/// <summary>The formats of logs that can be read.</summary>
public enum LogFormat
{
    /// <summary>Text lines whose format is found out line by line; the first that is recognized stays.</summary>
    Text,

    /// <summary>TensorBoard event files of one folder.</summary>
    TensorBoard,

    /// <summary>The transaction log of Weights and Biases, <c>run-ID.wandb</c>.</summary>
    Wandb,

    /// <summary>Hugging Face <c>trainer_state.json</c>, written with checkpoints.</summary>
    TrainerState,

    /// <summary>Log lines of nanotron.</summary>
    Nanotron,

    /// <summary>Log lines of Megatron-LM and its forks.</summary>
    Megatron,

    /// <summary>Log lines of torchtitan.</summary>
    Torchtitan,

    /// <summary>One JSON object a line.</summary>
    JsonLines,

    /// <summary>Lines of <c>key: value</c> or <c>key=value</c> with a step among them.</summary>
    KeyValue,
}
