using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TrainingMonitor.Storage;

/// <summary>Gives the memory behind written pages back. Logs are read again after a crash only; kept in the page cache, every group of records would take
/// memory that was not used lately, which costs the kernel three times as much processor time, and would push the trainer's data set out.</summary>
internal static partial class PageCache
{
    private const int DontNeed = 4;
    private const long PageSize = 4096;

    /// <summary>Drops a range that has been synced. Advice: where it is not taken (other systems, a tmpfs) nothing changes.</summary>
    public static void Drop(SafeFileHandle file, long from, long to)
    {
        if (OperatingSystem.IsLinux() && Environment.Is64BitProcess)
        {
            // The page that the range before ended in has been filled by this one.
            var start = from & -PageSize;
            _ = Advise(file, start, to - start, DontNeed);
        }
    }

    /// <summary>Drops what has been synced of a file, if there is such a file.</summary>
    public static void Drop(string path)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(path))
        {
            return;
        }

        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Drop(file, 0, RandomAccess.GetLength(file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has gone meanwhile, or is not ours to read: then it stays in memory.
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
