using System.Runtime.InteropServices;

namespace TrainingMonitor.Attach.Injection;

/// <summary>Signals to other processes; one that has ended is no error.</summary>
public static partial class Signals
{
    private const int Interrupt = 2, Terminate = 15, Continue = 18;

    /// <summary>SIGINT.</summary>
    public static void AskToInterrupt(int processId) => _ = Kill(processId, Interrupt);

    /// <summary>SIGTERM.</summary>
    public static void AskToEnd(int processId) => _ = Kill(processId, Terminate);

    /// <summary>SIGCONT: a process that runs does not notice, unless it has a handler for it.</summary>
    public static void LetGoOn(int processId) => _ = Kill(processId, Continue);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);
}
