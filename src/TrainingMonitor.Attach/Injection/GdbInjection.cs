using System.Globalization;
using TrainingMonitor.Attach.Targets;

namespace TrainingMonitor.Attach.Injection;

/// <summary>Makes a running interpreter run a file, by gdb.</summary>
internal static class GdbInjection
{
    /// <summary>Brings it in. The process runs when this ends, however it ends.</summary>
    /// <param name="gdb">Path of gdb.</param>
    /// <param name="process">The process.</param>
    /// <param name="python">Its interpreter.</param>
    /// <param name="bootFile">The file, in the process's own root.</param>
    /// <param name="scriptFile">Where gdb's script may be written.</param>
    /// <param name="time">Time until a safe point must have come.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="InjectionException">It did not work.</exception>
    public static async Task RunAsync(string gdb, TargetProcess process, TargetPython python, string bootFile, string scriptFile, TimeSpan time, CancellationToken stop)
    {
        await File.WriteAllTextAsync(scriptFile, GdbScript.For(process, python, bootFile), stop);
        try
        {
            var (code, said) = await ProgramRun.Of(gdb, ["-batch", "-nx", "-x", scriptFile], time, stop);
            if (said.Contains(GdbScript.Queued, StringComparison.Ordinal))
            {
                return;
            }

            stop.ThrowIfCancellationRequested();
            throw new InjectionException(code is null && said.Contains(GdbScript.Attached, StringComparison.Ordinal)
                ? string.Create(CultureInfo.InvariantCulture, $"the process did not run Python for {time.TotalSeconds:0} s (it waits for data, a collective or a long operation); it was let go, try again")
                : $"gdb could not do it: {LastLine(said)}");
        }
        finally
        {
            // Whatever became of gdb: the process must not stay stopped.
            if (ProcFiles.Read(process.Id) is { State: 'T' or 't', TracerId: 0 })
            {
                Signals.LetGoOn(process.Id);
            }
        }
    }

    private static string LastLine(string said) => said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [.., var last] ? last : "it said nothing";
}
