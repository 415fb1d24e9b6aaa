using System.Globalization;
using TrainingMonitor.Attach.Targets;

namespace TrainingMonitor.Attach.Injection;

/// <summary>
/// What gdb does. It waits at the beginning of functions of the interpreter that are called only with its lock held, outside of any allocator. There it leaves a line of
/// Python with the interpreter's own list of pending calls and lets go: the interpreter runs it by itself when it is safe. No Python runs at the stop, and other threads
/// go on while functions are called (frozen ones might hold a lock that the call needs).
/// </summary>
internal static class GdbScript
{
    /// <summary>What gdb prints when the line is in the list.</summary>
    public const string Queued = "trainmon: queued 0";

    /// <summary>What gdb prints once it is attached.</summary>
    public const string Attached = "trainmon: attached";

    // PyEval_SaveThread: nearly each torch operation calls it when it gives up the lock. The others are called by any Python code.
    private static readonly string[] SafePoints = ["PyEval_SaveThread", "PyErr_CheckSignals", "PyMem_Malloc"];

    /// <summary>The script that makes a process run a Python file.</summary>
    public static string For(TargetProcess process, TargetPython python, string bootFile)
    {
        // A pending call that raises would end the training with it.
        var line = $"try:\\n exec(compile(open('{SafeText.Path(bootFile)}').read(), 'trainmon', 'exec'), {{'__name__': 'trainmon_boot'}})\\nexcept BaseException:\\n pass\\n";
        var length = line.Replace("\\n", "\n", StringComparison.Ordinal).Length + 1;
        string[] files = process.OtherRoot ? [$"set sysroot {process.Root}", $"file {process.Root}{SafeText.Path(process.Executable)}"] : [];
        string[] library = python.Library is null ? [] : ["sharedlibrary libpython"];
        return string.Join('\n',
        [
            "set pagination off",
            "set confirm off",
            "set width 0",
            "set auto-solib-add off", // a training has hundreds of libraries; reading their symbols takes half a minute
            "set auto-load off",
            "set unwindonsignal on",
            "set breakpoint pending off",
            "set print thread-events off",
            "set follow-fork-mode parent",
            "set detach-on-fork on",
            "handle all nostop noprint pass",
            .. files,
            string.Create(CultureInfo.InvariantCulture, $"attach {process.Id}"),
            $"printf \"{Attached}\\n\"",
            .. library,
            .. SafePoints.Select(function => $"break *&{function}"),
            "continue",
            "delete",
            string.Create(CultureInfo.InvariantCulture, $"set $line = (char *) ((char *(*)(unsigned long)) PyMem_RawMalloc)({length})"),
            string.Create(CultureInfo.InvariantCulture, $"set {{char [{length}]}} $line = \"{line}\""),
            "printf \"trainmon: queued %d\\n\", ((int (*)(void *, void *)) Py_AddPendingCall)((void *) &PyRun_SimpleString, (void *) $line)",
            "detach",
            "",
        ]);
    }
}
