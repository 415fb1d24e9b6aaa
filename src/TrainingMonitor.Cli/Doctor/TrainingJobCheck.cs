using TrainingMonitor.Cli.Demo;

namespace TrainingMonitor.Cli.Doctor;

/// <summary>The training jobs are there, and the tensor library loads on this machine: asked of the program itself, in its own process.</summary>
internal static class TrainingJobCheck
{
    private const string Name = "training jobs";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs <c>TrainingMonitor.Examples --check</c>.</summary>
    public static async Task<DoctorCheck> RunAsync(CliContext context, string baseFolder, CancellationToken stop)
    {
        ExamplesProgram program;
        try
        {
            program = ExamplesProgram.Find(context.Variable, baseFolder);
        }
        catch (CliException error)
        {
            return DoctorCheck.Warning(Name, "not found; only 'trainmon demo' needs them", error.Message);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        using var process = TrainingProcess.Start(program.Start(["--check"]), new Dictionary<string, string>(StringComparer.Ordinal));
        try
        {
            await process.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return DoctorCheck.Failure(Name, $"{program.Assembly} does not answer", "run it by hand with --check and see where it hangs");
        }

        return process.ExitCode == 0
            ? DoctorCheck.Ok(Name, process.LastOutput)
            : DoctorCheck.Failure(Name, $"the tensor library does not load: {process.LastErrors}", "see docs/attach.md on libtorch and libstdc++");
    }
}
