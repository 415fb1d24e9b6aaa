using System.Globalization;

namespace TrainingMonitor.Attach.Checks;

/// <summary>What this machine and this user may do.</summary>
/// <param name="User">Effective user id of this process.</param>
/// <param name="MayTrace">This process has CAP_SYS_PTRACE.</param>
/// <param name="TraceScope">kernel.yama.ptrace_scope; 0 where the kernel has none.</param>
/// <param name="Gdb">Path of gdb; null: there is none.</param>
/// <param name="GdbVersion">"13.1"; null: there is none, or it does not say.</param>
/// <param name="EntersRoots">There is nsenter, to run the interpreter of a process that has other files.</param>
public sealed record Machine(uint User, bool MayTrace, int TraceScope, string? Gdb, Version? GdbVersion, bool EntersRoots)
{
    // linux/capability.h.
    private const int CapSysPtrace = 19;

    /// <summary>Looks.</summary>
    public static Machine Look()
    {
        var status = File.ReadLines("/proc/self/status").Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim(), StringComparer.Ordinal);
        var user = uint.Parse(status["Uid"].Split('\t')[1], CultureInfo.InvariantCulture);
        var capabilities = ulong.Parse(status["CapEff"], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        const string Scope = "/proc/sys/kernel/yama/ptrace_scope";
        var scope = File.Exists(Scope) ? int.Parse(File.ReadAllText(Scope).Trim(), CultureInfo.InvariantCulture) : 0;
        var gdb = Find("gdb");
        return new(user, (capabilities >> CapSysPtrace & 1) == 1, scope, gdb, gdb is null ? null : GdbVersionOf(gdb), Find("nsenter") is not null);
    }

    private static string? Find(string program) => (System.Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static Version? GdbVersionOf(string gdb)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(gdb, ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false });
        var line = process?.StandardOutput.ReadLine() ?? "";
        process?.WaitForExit(5000);
        return Version.TryParse(line.Split(' ')[^1].Split('-')[0], out var version) ? version : null;
    }
}
