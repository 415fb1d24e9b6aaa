using System.Runtime.InteropServices;
using System.Text.Json;
using TrainingMonitor.Attach.Injection;
using TrainingMonitor.Attach.Staging;
using TrainingMonitor.Attach.Targets;

namespace TrainingMonitor.Attach.Tests;

public sealed class PayloadTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trainmon-payload-").FullName;

    [Fact]
    public void The_package_is_there_without_grpc_and_stubs()
    {
        PayloadFolder.CopyPackage(folder);

        File.Exists(Path.Combine(folder, "trainmon", "_attach", "inside.py")).ShouldBeTrue();
        Directory.Exists(Path.Combine(folder, "trainmon", "_grpc")).ShouldBeFalse();
        Directory.Exists(Path.Combine(folder, "trainmon", "v1")).ShouldBeFalse();
    }

    [Fact]
    public void The_boot_file_knows_its_folder_as_the_training_sees_it()
    {
        PayloadFolder.WriteBoot(folder, "/tmp/trainmon-ab12").ShouldBe("/tmp/trainmon-ab12/boot.py");
        var text = File.ReadAllText(Path.Combine(folder, "boot.py"));
        text.ShouldContain("folder, package = \"/tmp/trainmon-ab12\", \"_trainmon_ab12\"");
        text.ShouldNotContain("@FOLDER@, ");
    }

    [Fact]
    public void The_configuration_is_in_names_that_Python_reads()
    {
        PayloadFolder.Write(folder, new() { Socket = "/s", Secret = "x", RunId = "r", PairInterval = 1 });
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "configuration.json")));
        document.RootElement.EnumerateObject().Select(entry => entry.Name).ShouldBe(["socket", "secret", "run_id", "budget", "pair_interval"]);
    }

    [Fact]
    public void Status_lines_are_read_as_far_as_they_are_whole()
    {
        File.WriteAllText(Path.Combine(folder, "status-7.jsonl"), """
            {"state":"found","optimizers":["Adam with 3 parameters in 1 groups"],"models":["Net"],"time":1.5}
            {"state":"watching","optimizer":"Adam","dataset_size":10,"first_step":4}
            {"state":"sa
            """);
        var lines = PayloadStatus.Read(folder);
        lines.Select(line => line.State).ShouldBe(["found", "watching"]);
        (lines[1].DatasetSize, lines[1].FirstStep).ShouldBe((10, 4));
    }

    [Fact]
    public void The_debugger_s_script_has_room_for_exactly_its_line()
    {
        var process = new TargetProcess(5, 5, 'R', 0, 0, 0, 1, 1, "/usr/bin/python3.11", [], false, [], new Dictionary<string, string>());
        var script = GdbScript.For(process, TargetPython.Of(process)!, "/tmp/x/boot.py");

        var text = "try:\n exec(compile(open('/tmp/x/boot.py').read(), 'trainmon', 'exec'), {'__name__': 'trainmon_boot'})\nexcept BaseException:\n pass\n";
        script.ShouldContain(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? $"set $rdi = {text.Length + 1}\n" : $"PyMem_RawMalloc)({text.Length + 1})");
        script.ShouldContain($"{{char [{text.Length + 1}]}} $line = \"{text.Replace("\n", "\\n", StringComparison.Ordinal)}\"");
        script.ShouldNotContain("scheduler-locking");
        script.ShouldNotContain("sharedlibrary");
        script.TrimEnd().ShouldEndWith("detach");
    }

    [Theory]
    [InlineData("/tmp/a b/boot.py")]
    [InlineData("/tmp/a'b/boot.py")]
    [InlineData("/tmp/a\nshell rm/boot.py")]
    public void A_path_that_would_need_quoting_is_refused(string path)
    {
        var process = new TargetProcess(5, 5, 'R', 0, 0, 0, 1, 1, "/usr/bin/python3.11", [], false, [], new Dictionary<string, string>());
        Should.Throw<InjectionException>(() => GdbScript.For(process, TargetPython.Of(process)!, path));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
