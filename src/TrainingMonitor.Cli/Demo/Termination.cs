using System.Runtime.InteropServices;

namespace TrainingMonitor.Cli.Demo;

/// <summary>Ctrl-C for another process.</summary>
internal static partial class Interrupt
{
    private const int SigInt = 2;

    /// <summary>Sends SIGINT; a process that has ended is no error.</summary>
    public static void Send(int processId)
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
        {
            _ = Kill(processId, SigInt);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);
}
