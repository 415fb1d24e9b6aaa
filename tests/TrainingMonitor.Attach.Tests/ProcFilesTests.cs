using TrainingMonitor.Attach.Targets;

namespace TrainingMonitor.Attach.Tests;

public sealed class ProcFilesTests
{
    [Fact]
    public void This_process_is_read()
    {
        var me = ProcFiles.Read(Environment.ProcessId).ShouldNotBeNull();
        me.Executable.ShouldBe(Environment.ProcessPath);
        me.InnerId.ShouldBe(Environment.ProcessId);
        me.TracerId.ShouldBe(0);
        me.OtherRoot.ShouldBeFalse();
        me.Root.ShouldBeEmpty();
        me.Threads.ShouldBeGreaterThan(1);
        me.Environment["PATH"].ShouldBe(Environment.GetEnvironmentVariable("PATH"));
        me.Maps("libc.so").ShouldBeTrue();
        ProcFiles.StartOf(Environment.ProcessId).ShouldBe(me.StartTime);
        TargetPython.Of(me).ShouldBeNull();
    }

    [Fact]
    public void A_process_that_is_not_there_is_none()
    {
        ProcFiles.Read(1 << 22).ShouldBeNull();
        ProcFiles.StartOf(1 << 22).ShouldBeNull();
    }
}
