using System.Runtime.InteropServices;
using TrainingMonitor.Cli.Commands;
using TrainingMonitor.Cli.Connection;

namespace TrainingMonitor.Cli.Doctor;

/// <summary>Checks that need no server.</summary>
internal static class MachineChecks
{
    private const long LowSpace = 1L << 30;

    /// <summary>Versions of this command and its runtime.</summary>
    public static DoctorCheck Versions() =>
        DoctorCheck.Ok("versions", $"trainmon {VersionCommand.Version}, protocol {VersionCommand.Protocol}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}");

    /// <summary>The data folder can be written, by nobody else read, and its disk has room.</summary>
    public static IEnumerable<DoctorCheck> DataFolder(CliContext context)
    {
        const string Name = "data folder";
        var folder = TokenFile.DataFolder(context.Variable);
        if (!Directory.Exists(folder))
        {
            yield return DoctorCheck.Ok(Name, $"{folder} is not there yet; the first 'trainmon serve' makes it");
            yield break;
        }

        yield return Writable(Name, folder);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(folder) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != UnixFileMode.None)
        {
            yield return DoctorCheck.Warning("permissions", $"other users can read {folder}", $"run 'chmod 700 {folder}'");
        }

        var space = new DriveInfo(folder).AvailableFreeSpace;
        yield return space < LowSpace
            ? DoctorCheck.Warning("disk space", $"{space >> 20} MiB free at {folder}", "make room, or serve from another disk with --data")
            : DoctorCheck.Ok("disk space", $"{space >> 30} GiB free at {folder}");
    }

    private static DoctorCheck Writable(string name, string folder)
    {
        var probe = Path.Combine(folder, $".doctor-{Environment.ProcessId}");
        try
        {
            File.WriteAllBytes(probe, [1]);
            File.Delete(probe);
            return DoctorCheck.Ok(name, $"{folder} can be written");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return DoctorCheck.Failure(name, $"{folder} cannot be written: {error.Message}", "correct its owner and mode, or choose another with --data or TRAINMON_DATA");
        }
    }
}
