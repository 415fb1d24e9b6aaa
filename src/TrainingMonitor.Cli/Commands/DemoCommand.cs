using System.CommandLine;
using TrainingMonitor.Cli.Demo;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon demo</c>.</summary>
internal static class DemoCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context)
    {
        var job = new Option<string>("--job")
        {
            Description = $"What to train: {DemoJobs.Text}.",
            DefaultValueFactory = _ => DemoJobs.Names[0],
        };
        var seed = NumberOption.Whole("--seed", 0, int.MaxValue, "Seed of everything random in the job (default: 0).");
        var steps = NumberOption.Whole("--steps", 1, int.MaxValue, "Optimizer steps (default: the job's own number).");
        var headless = new Option<bool>("--headless") { Description = "No live screen; ends with the job." };
        var data = new Option<string?>("--data") { Description = "Data folder (default: a temporary one)." };
        var keep = new Option<bool>("--keep") { Description = "Keep the temporary data folder." };
        var json = CommonOptions.Json();
        var command = new Command("demo", "Train a small real network under the monitor: server, training job, live view.")
        {
            job, seed, steps, headless, data, keep, json,
        };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, () => new DemoRun(context, new DemoRequest
        {
            Job = DemoJobs.Find(parsed.GetRequiredValue(job)),
            Seed = parsed.GetValue(seed) ?? 0,
            Steps = parsed.GetValue(steps),
            Headless = parsed.GetValue(headless) || parsed.GetValue(json),
            Json = parsed.GetValue(json),
            DataFolder = parsed.GetValue(data),
            Keep = parsed.GetValue(keep),
        }).RunAsync(stop)));
        return command;
    }
}
