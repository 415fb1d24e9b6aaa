using System.Globalization;
using System.Runtime.InteropServices;
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

    private const string Answer = "trainmon: queued %d";

    // PyEval_SaveThread: nearly each torch operation calls it when it gives up the lock. The others are called by any Python code.
    private static readonly string[] SafePoints = ["PyEval_SaveThread", "PyErr_CheckSignals", "PyMem_Malloc"];

    // All that gdb changes here, or that a function may change by the ABI; the others it keeps itself.
    private static readonly string[] Registers = ["rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "rsp", "rip"];

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
            .. RuntimeInformation.ProcessArchitecture == Architecture.X64 ? CallsByRegisters(line, length) : CallsByGdb(line, length),
            "detach",
            "",
        ]);
    }

    private static string[] CallsByGdb(string line, int length) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"set $line = (char *) ((char *(*)(unsigned long)) PyMem_RawMalloc)({length})"),
        Fill(line, length),
        $"printf \"{Answer}\\n\", ((int (*)(void *, void *)) Py_AddPendingCall)((void *) &PyRun_SimpleString, (void *) $line)",
    ];

    // gdb's own call saves and writes back all registers. On a processor with AMX the kernel takes the vector registers only whole (11 KiB), and gdb before 14 has 2.7 KiB of them:
    // the call fails. At the first instruction of a function, where we stand, the vector registers belong to whoever is called; so the general ones are all that must be kept.
    private static string[] CallsByRegisters(string line, int length) =>
    [
        .. Registers.Select(register => $"set $kept_{register} = (unsigned long) ${register}"),
        "find /b1 (unsigned long) &PyMem_RawMalloc, +4096, (char) 0xc3",
        "set $return = (unsigned long) $_",
        .. Call("PyMem_RawMalloc", string.Create(CultureInfo.InvariantCulture, $"set $rdi = {length}")),
        "set $line = (char *) $rax",
        Fill(line, length),
        .. Call("Py_AddPendingCall", "set $rdi = (unsigned long) &PyRun_SimpleString", "set $rsi = (unsigned long) $line"),
        "set $answer = (int) $rax",
        .. Registers.Select(register => $"set ${register} = $kept_{register}"),
        $"printf \"{Answer}\\n\", $answer",
    ];

    // It returns to where we stand, by way of a bare return instruction: so the stack is then as it was, and at the entry aligned as the ABI wants it.
    // Were the debugger gone by then, a safe point without arguments would go on rightly; PyMem_Malloc would have lost its own.
    private static string[] Call(string function, params string[] arguments) =>
    [
        "set $rsp = $kept_rsp - 16",
        "set {unsigned long} $rsp = $return",
        "set {unsigned long} ($rsp + 8) = $kept_rip",
        .. arguments,
        "set $rax = 0",
        $"set $rip = (unsigned long) &{function}",
        "eval \"tbreak *%lu thread %d\", $kept_rip, $_thread",
        "continue",
    ];

    private static string Fill(string line, int length) => string.Create(CultureInfo.InvariantCulture, $"set {{char [{length}]}} $line = \"{line}\"");
}
