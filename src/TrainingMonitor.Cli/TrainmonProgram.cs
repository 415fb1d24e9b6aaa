using System.Runtime.InteropServices;

namespace TrainingMonitor.Cli;

/// <summary>The command as a process: with its signals.</summary>
public static class TrainmonProgram
{
    /// <summary>Runs a command line. The first SIGINT, SIGTERM or SIGHUP asks the command to end, the second ends the process.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(CliContext context, IReadOnlyList<string> arguments)
    {
        using var stop = new CancellationTokenSource();

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop); // the terminal was closed
        return await TrainmonCommand.RunAsync(context, arguments, stop.Token);
    }
}
