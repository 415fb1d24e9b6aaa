using System.Runtime.InteropServices;

namespace TrainingMonitor.Attach.Injection;

/// <summary>Signals to other processes; one that has ended is no error.</summary>
public static partial class Signals
{
    private const int Interrupt = 2, Terminate = 15, Continue = 18; // Continue: Linux's number

    /// <summary>SIGINT.</summary>
    public static void AskToInterrupt(int processId) => Send(processId, Interrupt);

    /// <summary>SIGTERM. Not SIGINT, which is ignored by whatever a script starts in the background.</summary>
    public static void AskToEnd(int processId) => Send(processId, Terminate);

    /// <summary>SIGCONT: a process that runs does not notice, unless it has a handler for it.</summary>
    public static void LetGoOn(int processId) => Send(processId, Continue);

    // Windows has none.
    private static void Send(int processId, int signal)
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = Kill(processId, signal);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);
}
