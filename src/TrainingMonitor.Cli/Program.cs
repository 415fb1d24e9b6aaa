using System.Runtime.InteropServices;
using TrainingMonitor.Cli;

using var stop = new CancellationTokenSource();

// The first signal asks the command to end, the second ends the process.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop); // the terminal was closed
return await TrainmonCommand.RunAsync(CliContext.OfProcess(), args, stop.Token);
