using TrainingMonitor.Attach.Checks;
using TrainingMonitor.Attach.Targets;

namespace TrainingMonitor.Attach.Tests;

public sealed class AttachChecksTests
{
    private static readonly TargetProcess Training = new(
        100, 100, 'R', 0, 1000, 1000, 12, 5000, "/usr/bin/python3.11", ["python3", "train.py"], false, ["/usr/lib/x86_64-linux-gnu/libtorch_cpu.so.1.13", "/usr/lib/x86_64-linux-gnu/libc.so.6"],
        new Dictionary<string, string>());

    private static readonly Machine Own = new(1000, false, 0, "/usr/bin/gdb", new(13, 1), true);

    [Fact]
    public void A_training_of_one_s_own_is_fine() => Verdicts(Training, Own).ShouldAllBe(pair => pair.Value.Verdict == AttachVerdict.Ok);

    [Fact]
    public void Each_danger_is_refused_by_its_own_check()
    {
        Refused(Training with { Executable = "/usr/bin/bash" }, Own).ShouldBe(["interpreter"]);
        Refused(Training with { Executable = "/usr/bin/python3.8" }, Own).ShouldBe(["interpreter"]);
        Refused(Training with { Executable = "/usr/bin/python3.13t" }, Own).ShouldBe(["interpreter"]);
        Refused(Training with { Libraries = ["/lib/ld-musl-x86_64.so.1", "/x/libtorch.so"] }, Own).ShouldBe(["interpreter"]);
        Refused(Training with { Libraries = [] }, Own).ShouldBe(["torch"]);
        Refused(Training with { User = 0 }, Own).ShouldBe(["owner"]);
        Refused(Training, Own with { TraceScope = 1 }).ShouldBe(["tracing"]);
        Refused(Training, Own with { TraceScope = 3, MayTrace = true }).ShouldBe(["tracing"]);
        Refused(Training with { TracerId = 7 }, Own).ShouldBe(["state"]);
        Refused(Training with { State = 'T' }, Own).ShouldBe(["state"]);
        Refused(Training with { State = 'D' }, Own).ShouldBe(["state"]);
        Refused(Training with { State = 'Z' }, Own).ShouldBe(["state"]);
        Refused(Training, Own with { Gdb = null, GdbVersion = null }).ShouldBe(["way in"]);
        Refused(Training, Own with { GdbVersion = new(9, 2) }).ShouldBe(["way in"]);
    }

    [Fact]
    public void From_3_14_on_the_interpreter_s_own_way_is_taken_and_gdb_is_not_needed()
    {
        var newer = Training with { Executable = "/usr/bin/python3.14" };
        AttachChecks.MethodFor(TargetPython.Of(newer)).ShouldBe(AttachMethod.RemoteExec);
        Refused(newer, Own with { Gdb = null, GdbVersion = null }).ShouldBeEmpty();
        Refused(newer with { Environment = new Dictionary<string, string> { ["PYTHON_DISABLE_REMOTE_DEBUG"] = "1" } }, Own).ShouldBe(["way in"]);
        Refused(newer with { OtherRoot = true }, Own with { EntersRoots = false }).ShouldBe(["way in"]);
        AttachChecks.Of(Training, Own, AttachMethod.RemoteExec).Single(check => check.Verdict == AttachVerdict.Refused).Found.ShouldContain("not in Python 3.11");
    }

    [Fact]
    public void A_rank_of_several_needs_consent()
    {
        var checks = Verdicts(Training with { Environment = new Dictionary<string, string> { ["WORLD_SIZE"] = "8" } }, Own);
        checks["ranks"].Verdict.ShouldBe(AttachVerdict.Ask);
        checks["ranks"].Found.ShouldContain("8 ranks");
    }

    [Theory]
    [InlineData("/opt/conda/bin/python3.10", null, 10, false)]
    [InlineData("/usr/local/bin/python", "/usr/local/lib/libpython3.12.so.1.0", 12, false)]
    [InlineData("/usr/bin/python3.13t", null, 13, true)]
    [InlineData("/app/python", "/app/lib/python3.9/site-packages/torch/lib/libtorch_cpu.so", 9, false)]
    public void The_version_is_in_the_names(string executable, string? mapped, int minor, bool freeThreaded)
    {
        var python = TargetPython.Of(Training with { Executable = executable, Libraries = mapped is null ? [] : [mapped] }).ShouldNotBeNull();
        (python.Minor, python.FreeThreaded).ShouldBe((minor, freeThreaded));
    }

    private static Dictionary<string, AttachCheck> Verdicts(TargetProcess process, Machine machine) => AttachChecks.Of(process, machine).ToDictionary(check => check.Name, StringComparer.Ordinal);

    private static IEnumerable<string> Refused(TargetProcess process, Machine machine) => AttachChecks.Of(process, machine).Where(check => check.Verdict == AttachVerdict.Refused && check.Advice is not null).Select(check => check.Name);
}
