using TrainingMonitor.Logs;

namespace TrainingMonitor.Cli.Tail;

/// <summary>Formats as they are typed and said.</summary>
internal static class FormatNames
{
    private static readonly (string Name, LogFormat Format)[] All =
    [
        ("tensorboard", LogFormat.TensorBoard), ("wandb", LogFormat.Wandb), ("trainer-state", LogFormat.TrainerState), ("nanotron", LogFormat.Nanotron),
        ("megatron", LogFormat.Megatron), ("torchtitan", LogFormat.Torchtitan), ("jsonl", LogFormat.JsonLines), ("key-value", LogFormat.KeyValue), ("text", LogFormat.Text),
    ];

    /// <summary>All names.</summary>
    public static IEnumerable<string> Names => All.Select(pair => pair.Name);

    /// <summary>The format of a name; null: there is none.</summary>
    public static LogFormat? Find(string name) => All.Where(pair => pair.Name == name).Select(pair => (LogFormat?)pair.Format).FirstOrDefault();

    /// <summary>The name of a format.</summary>
    public static string Of(LogFormat format) => All.First(pair => pair.Format == format).Name;
}
