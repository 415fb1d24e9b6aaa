using System.Runtime.InteropServices;

namespace TrainingMonitor.Cli.Demo;

/// <summary>Asks another process to end. SIGTERM: SIGINT is ignored by whatever a script starts in the background.</summary>
internal static partial class Termination
{
    private const int SigTerm = 15;

    /// <summary>Sends the signal; a process that has ended is no error.</summary>
    public static void Ask(int processId)
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
        {
            _ = Kill(processId, SigTerm);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);
}
