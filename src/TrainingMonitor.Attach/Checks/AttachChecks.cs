using TrainingMonitor.Attach.Targets;

namespace TrainingMonitor.Attach.Checks;

/// <summary>Everything that is looked at before a process is touched. Reads /proc only.</summary>
public static class AttachChecks
{
    private const int OldestPython = 9, RemoteExecSince = 14;
    private static readonly Version OldestGdb = new(10, 1);

    /// <summary>The way in that fits the interpreter.</summary>
    public static AttachMethod MethodFor(TargetPython? python) => python is { Minor: >= RemoteExecSince } ? AttachMethod.RemoteExec : AttachMethod.Gdb;

    /// <summary>Checks a process.</summary>
    /// <param name="process">The process.</param>
    /// <param name="machine">What this machine may do.</param>
    /// <param name="wanted">A way in that a person asked for; null: the one that fits.</param>
    public static IReadOnlyList<AttachCheck> Of(TargetProcess process, Machine machine, AttachMethod? wanted = null)
    {
        var python = TargetPython.Of(process);
        var method = wanted ?? MethodFor(python);
        return
        [
            Interpreter(process, python),
            Torch(process),
            Owner(process, machine),
            Tracing(machine),
            State(process),
            method == AttachMethod.RemoteExec ? RemoteExec(process, python, machine) : Gdb(process, python, machine),
            Ranks(process),
        ];
    }

    private static AttachCheck Interpreter(TargetProcess process, TargetPython? python) => python switch
    {
        null => Refused("interpreter", $"{process.Executable} is no CPython", "name the process that trains, not its launcher or shell"),
        { Minor: 0 } => Refused("interpreter", $"the version of {process.Executable} is not known", "start the job with 'trainmon run' instead"),
        { Minor: < OldestPython } => Refused("interpreter", $"Python {python.Version}", $"Python 3.{OldestPython} or newer is needed"),
        { FreeThreaded: true } => Refused("interpreter", $"Python {python.Version}, free-threaded", "attaching relies on the interpreter lock; use 'trainmon run' or two lines of code"),
        _ when process.Maps("ld-musl") => Refused("interpreter", $"Python {python.Version} on musl", "only glibc is supported"),
        _ => Ok("interpreter", $"Python {python.Version} ({process.Executable}{(process.OtherRoot ? ", with files of its own" : "")})"),
    };

    private static AttachCheck Torch(TargetProcess process) => process.Maps("libtorch")
        ? Ok("torch", "is loaded")
        : Refused("torch", "is not loaded in this process", "name the process that trains; a launcher (torchrun, accelerate) starts it as its child");

    private static AttachCheck Owner(TargetProcess process, Machine machine) => process.User == machine.User || machine.User == 0
        ? Ok("owner", process.User == machine.User ? "you" : $"user {process.User}, and you are root")
        : Refused("owner", $"user {process.User}, you are {machine.User}", "attach as the user that trains");

    private static AttachCheck Tracing(Machine machine) => (machine.TraceScope, machine.MayTrace) switch
    {
        (3, _) => Refused("tracing", "is switched off on this machine (kernel.yama.ptrace_scope=3)", "start jobs with 'trainmon run' instead"),
        (_, true) => Ok("tracing", "allowed (CAP_SYS_PTRACE)"),
        (0, _) => Ok("tracing", "allowed (kernel.yama.ptrace_scope=0)"),
        var (scope, _) => Refused(
            "tracing",
            $"only of child processes (kernel.yama.ptrace_scope={scope})",
            "attach as root, in a container with --cap-add=SYS_PTRACE, or after 'sysctl kernel.yama.ptrace_scope=0'"),
    };

    private static AttachCheck State(TargetProcess process) => (process.State, process.TracerId) switch
    {
        (_, not 0) => Refused("state", $"process {process.TracerId} traces it already", "end that debugger or profiler first"),
        ('Z' or 'X', _) => Refused("state", "it has ended", "name a process that runs"),
        ('T', _) => Refused("state", "it is stopped", $"let it go on with 'kill -CONT {process.Id}'"),
        ('D', _) => Refused("state", "it waits in the kernel (disk, driver)", "try again when it goes on"),
        _ => Ok("state", $"runs, {process.Threads} threads"),
    };

    private static AttachCheck RemoteExec(TargetProcess process, TargetPython? python, Machine machine)
    {
        const string Name = "way in";
        if (python is { Minor: < RemoteExecSince })
        {
            return Refused(Name, $"sys.remote_exec is not in Python {python.Version}", "leave --method out");
        }

        if (process.Environment.ContainsKey("PYTHON_DISABLE_REMOTE_DEBUG") || process.Command.Contains("disable-remote-debug"))
        {
            return Refused(Name, "the process has switched remote debugging off", "use --method gdb, or start it without PYTHON_DISABLE_REMOTE_DEBUG");
        }

        return process.OtherRoot && !machine.EntersRoots
            ? Refused(Name, "nsenter is not installed", "install util-linux: the process has files of its own, its interpreter must be run among them")
            : Ok(Name, "sys.remote_exec of its interpreter; it is not stopped");
    }

    private static AttachCheck Gdb(TargetProcess process, TargetPython? python, Machine machine)
    {
        const string Name = "way in";
        if (machine.Gdb is null)
        {
            return Refused(Name, $"gdb is needed for Python {python?.Version}, it is not installed", "install gdb 10.1 or newer");
        }

        if (machine.GdbVersion is { } version && version < OldestGdb)
        {
            return Refused(Name, $"gdb {version} is too old", "install gdb 10.1 or newer");
        }

        return process.Maps("libcuda") || process.Maps("libnccl")
            ? new(Name, AttachVerdict.Ok, $"gdb {machine.GdbVersion} at a safe point; the process is stopped for a part of a second, its work on the GPU goes on")
            : Ok(Name, $"gdb {machine.GdbVersion} at a safe point; the process is stopped for a part of a second");
    }

    private static AttachCheck Ranks(TargetProcess process) => process.WorldSize > 1
        ? new(
            "ranks",
            AttachVerdict.Ask,
            $"one of {process.WorldSize} ranks: while it is stopped, all of them wait",
            "say --yes, one rank after the other, and give all ranks the same --run-id")
        : Ok("ranks", "not part of a distributed job");

    private static AttachCheck Ok(string name, string found) => new(name, AttachVerdict.Ok, found);

    private static AttachCheck Refused(string name, string found, string advice) => new(name, AttachVerdict.Refused, found, advice);
}
