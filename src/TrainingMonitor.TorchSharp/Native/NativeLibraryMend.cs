using System.Runtime.InteropServices;

namespace TrainingMonitor.TorchSharp.Native;

/// <summary>TorchSharp's native library asks for libstdc++ of GCC 13 (GLIBCXX_3.4.32) for the sake of one empty marker function. Debian 12,
/// Ubuntu 22.04 and RHEL 9 have an older one, and loading fails. This mends the copy in the program's output folder, and only where the machine's
/// own libstdc++ lacks the version. It never touches the package, works with several processes at once, and is done at most once a file.
/// Programs that reference the project or package run it before Main; others call <see cref="EnsureLoadable"/> before the first use of torch.</summary>
public static class NativeLibraryMend
{
    /// <summary>The library that needs it.</summary>
    public const string LibraryName = "libLibTorchSharp.so";

    private const string Provider = "libstdc++.so.6";

    /// <summary>Mends the library of this program where that is needed. Never throws: what cannot be mended is returned as a sentence and also
    /// written to standard error once, since loading torch will fail next.</summary>
    public static MendResult EnsureLoadable()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return new MendResult(MendOutcome.NotNeeded, "", "not Linux on x64");
        }

        var versions = MachineVersions();
        if (versions.Count == 0)
        {
            return new MendResult(MendOutcome.NotNeeded, "", "no libstdc++ found");
        }

        var result = new MendResult(MendOutcome.NotFound, "", $"{LibraryName} is not in the output folder");
        foreach (var library in Candidates(AppContext.BaseDirectory).Where(File.Exists))
        {
            result = Apply(library, versions);
            if (result.Outcome is MendOutcome.Failed)
            {
                Console.Error.WriteLine($"training monitor: {result.Message}");
            }
        }

        return result;
    }

    /// <summary>Mends one file for a libstdc++ that defines the given versions.</summary>
    /// <param name="path">The file; replaced by a rename, so that other names (hard links) of the old content keep it.</param>
    /// <param name="definedVersions">Versions the C++ library defines.</param>
    public static MendResult Apply(string path, IReadOnlyCollection<string> definedVersions)
    {
        var temporary = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():n}.tmp";
        try
        {
            var mended = ElfMend.Mend(File.ReadAllBytes(path), Provider, definedVersions);
            if (mended is null)
            {
                return new MendResult(MendOutcome.NotNeeded, path, "every needed version is there");
            }

            var stamp = File.GetLastWriteTimeUtc(path);
            File.WriteAllBytes(temporary, mended);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(temporary, File.GetUnixFileMode(path));
            }

            // The same time stamp and size keep incremental builds from copying the original over it again.
            File.SetLastWriteTimeUtc(temporary, stamp);
            File.Move(temporary, path, overwrite: true);
            return new MendResult(MendOutcome.Mended, path, "mended for this machine's libstdc++");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new MendResult(MendOutcome.Failed, path,
                $"{path} must be changed to load on this machine (its libstdc++ is older than GCC 13) and cannot be written: {e.Message} " +
                "Run the program once with the folder writable, or install libstdc++ of GCC 13 or later.");
        }
        catch (Exception e) when (e is InvalidDataException or OverflowException)
        {
            return new MendResult(MendOutcome.Failed, path, $"{path} does not load on this machine and cannot be mended: {e.Message}");
        }
        finally
        {
            TryDelete(temporary);
        }
    }

    /// <summary>Versions that the libstdc++ of this process defines; empty where there is none.</summary>
    public static IReadOnlyCollection<string> MachineVersions()
    {
        try
        {
            // .NET itself is linked to libstdc++, so it is mapped already and the map says which of several files the loader chose.
            var path = MappedProvider();
            if (path is null && NativeLibrary.TryLoad(Provider, out _))
            {
                path = MappedProvider();
            }

            return path is null ? [] : new ElfImage(File.ReadAllBytes(path)).DefinedVersions().ToHashSet();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // Unreadable: leave everything alone; if loading fails, torch says so itself.
            return [];
        }
    }

    private static string? MappedProvider() =>
        File.ReadLines("/proc/self/maps").Select(line => line.IndexOf('/') is var at and >= 0 ? line[at..] : "")
            .FirstOrDefault(file => Path.GetFileName(file).StartsWith("libstdc++.so", StringComparison.Ordinal));

    /// <summary>Where a build puts the library: beside the program when it is built for this platform, else in the folder of the platform.</summary>
    internal static IEnumerable<string> Candidates(string folder) =>
        [Path.Combine(folder, LibraryName), Path.Combine(folder, "runtimes", "linux-x64", "native", LibraryName)];

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing was written there, or a stray temporary file stays: harmless.
        }
    }
}
