namespace TrainingMonitor.Logs.Parsing;

/// <summary>Names under which logs write the step and the time.</summary>
internal static class StepNames
{
    private static readonly HashSet<string> Steps = new(StringComparer.OrdinalIgnoreCase)
    {
        "step", "global_step", "trainer/global_step", "train/global_step", "iteration", "iter", "_step", "num_updates", "update", "current_steps", "optimizer_step",
    };

    private static readonly HashSet<string> Times = new(StringComparer.OrdinalIgnoreCase) { "timestamp", "_timestamp", "time", "ts", "wall_time", "created_at", "unix_time" };

    /// <summary>Whether it names the step.</summary>
    public static bool IsStep(string name) => Steps.Contains(name);

    /// <summary>Whether it names a time.</summary>
    public static bool IsTime(string name) => Times.Contains(name);
}
