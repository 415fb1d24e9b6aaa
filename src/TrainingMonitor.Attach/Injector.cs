using TrainingMonitor.Attach.Checks;
using TrainingMonitor.Attach.Injection;
using TrainingMonitor.Attach.Targets;

namespace TrainingMonitor.Attach;

/// <summary>Makes a running interpreter run a file at a safe point.</summary>
public static class Injector
{
    /// <summary>Time in which a safe point must come. Default 20 s.</summary>
    public static TimeSpan DefaultTime { get; } = TimeSpan.FromSeconds(20);

    /// <summary>Brings the file in; the process runs when this ends, however it ends.</summary>
    /// <param name="process">The process, after <see cref="AttachChecks"/> passed.</param>
    /// <param name="machine">What this machine may do.</param>
    /// <param name="method">The way in.</param>
    /// <param name="bootFile">The file as the process sees it.</param>
    /// <param name="scriptFile">A file of this process's own, for the debugger's script.</param>
    /// <param name="time">Time in which a safe point must come.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="InjectionException">It did not work; the message says why.</exception>
    public static Task RunAsync(TargetProcess process, Machine machine, AttachMethod method, string bootFile, string scriptFile, TimeSpan time, CancellationToken stop) => method switch
    {
        AttachMethod.RemoteExec => RemoteExecInjection.RunAsync(process, bootFile, time, stop),
        _ => GdbInjection.RunAsync(machine.Gdb!, process, TargetPython.Of(process)!, bootFile, scriptFile, time, stop),
    };
}
