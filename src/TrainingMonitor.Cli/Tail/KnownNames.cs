using TrainingMonitor.Logs.Naming;

namespace TrainingMonitor.Cli.Tail;

/// <summary>What the monitor knows, as <c>--map</c> names it.</summary>
internal static class KnownNames
{
    private static readonly (string Name, Known Known)[] All =
    [
        ("loss", Known.Loss), ("learning_rate", Known.LearningRate), ("grad_norm", Known.GradNorm), ("accuracy", Known.Accuracy), ("held_out_loss", Known.HeldOutLoss),
        ("held_out_accuracy", Known.HeldOutAccuracy), ("tokens", Known.Tokens), ("step_seconds", Known.StepSeconds), ("step_milliseconds", Known.StepMilliseconds),
        ("epoch", Known.Epoch), ("samples", Known.Samples), ("step", Known.Step), ("none", Known.None),
    ];

    /// <summary>All names.</summary>
    public static IEnumerable<string> Names => All.Select(pair => pair.Name);

    /// <summary>What a name means; null: nothing.</summary>
    public static Known? Find(string name) => All.Where(pair => pair.Name == name).Select(pair => (Known?)pair.Known).FirstOrDefault();

    /// <summary>The name of something known.</summary>
    public static string Of(Known known) => All.First(pair => pair.Known == known).Name;
}
