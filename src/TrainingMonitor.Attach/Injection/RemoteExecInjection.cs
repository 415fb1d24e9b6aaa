using System.Globalization;
using TrainingMonitor.Attach.Targets;

namespace TrainingMonitor.Attach.Injection;

/// <summary>Makes a running interpreter run a file, by its own sys.remote_exec (PEP 768). It must be called by the same version, so the process's own program is started for it.</summary>
internal static class RemoteExecInjection
{
    /// <summary>Asks. The interpreter runs the file at its next safe point; nothing says when.</summary>
    /// <exception cref="InjectionException">It did not work.</exception>
    public static async Task RunAsync(TargetProcess process, string bootFile, TimeSpan time, CancellationToken stop)
    {
        var code = string.Create(CultureInfo.InvariantCulture, $"import sys; sys.remote_exec({process.InnerId}, '{SafeText.Path(bootFile)}')");

        // -I -S: nothing of the user's is loaded by this second interpreter.
        string[] call = [process.Executable, "-I", "-S", "-c", code];
        var id = process.Id.ToString(CultureInfo.InvariantCulture);
        var (exit, said) = process.OtherRoot
            ? await ProgramRun.Of("nsenter", ["--target", id, "--mount", "--pid", "--root", "--wd", "--", .. call], time, stop)
            : await ProgramRun.Of(call[0], call[1..], time, stop);
        stop.ThrowIfCancellationRequested();
        if (exit != 0)
        {
            throw new InjectionException($"sys.remote_exec could not do it: {(said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [.., var last] ? last : "no answer")}");
        }
    }
}
