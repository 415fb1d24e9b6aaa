using System.ComponentModel;
using System.Diagnostics;

namespace TrainingMonitor.Storage.Tests;

/// <summary>A folder on a tmpfs of a few MiB, to fill up.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly bool mounted;

    public SmallDisk(int megabytes) => mounted = OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", folder.Path);

    public string Path => folder.Path;

    /// <summary>It is one: a folder of a few MiB where the system permits it, else any folder.</summary>
    public bool IsSmall => mounted;

    public void SkipUnlessMounted() => Assert.SkipUnless(mounted, "mounting a tmpfs is not permitted here");

    public string File(string name) => folder.File(name);

    public void Dispose()
    {
        if (mounted)
        {
            Run("umount", "-l", folder.Path);
        }

        folder.Dispose();
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
