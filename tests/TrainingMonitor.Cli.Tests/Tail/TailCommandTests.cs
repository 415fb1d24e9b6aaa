using System.Text.Json;
using TrainingMonitor.Cli.Tests.Support;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Tests.Tail;

public sealed class TailCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trainmon-tail-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_log_is_sent_with_its_times_and_ends_with_a_goodbye()
    {
        await using var server = await FakeServer.StartAsync();
        var path = Path.Combine(folder, "train.jsonl");
        await File.WriteAllLinesAsync(path, Enumerable.Range(1, 5).Select(i => $"{{\"step\": {i}, \"loss\": {6 - i}, \"grad_norm\": 2, \"z_loss\": 0.5, \"timestamp\": {1_700_000_000 + i}}}"), TestContext.Current.CancellationToken);

        var run = await server.RunAsync("tail", path, "--once", "--json", "--run-id", "tailed", "--project", "p");

        run.ExitCode.ShouldBe(ExitCodes.Ok, run.Error);
        var hello = server.Ingest.Hellos.ShouldHaveSingleItem();
        (hello.RunId, hello.Project, hello.Description.Tags["log.format"]).ShouldBe(("tailed", "p", "jsonl"));
        TrainerFrame[] frames = [.. server.Ingest.Frames.Select(f => f.Frame)];
        StepReport[] reports = [.. frames.Where(f => f.Steps is not null).SelectMany(f => f.Steps.Reports)];
        reports.Select(r => r.Values.Loss).ShouldBe([5, 4, 3, 2, 1]);
        reports.Select(r => r.TimeUnixNs / 1_000_000_000).ShouldBe([1_700_000_001, 1_700_000_002, 1_700_000_003, 1_700_000_004, 1_700_000_005]);
        frames.Where(f => f.Scalars is not null).Select(f => (f.Scalars.Step, f.Scalars.TimeUnixNs / 1_000_000_000)).ShouldBe(reports.Select(r => (r.Step, r.TimeUnixNs / 1_000_000_000)));
        frames.Single(f => f.LayerTable is not null).LayerTable.Layers.ShouldHaveSingleItem().Name.ShouldBe("all parameters");
        frames[^1].Goodbye.Reason.ShouldBe(Goodbye.Types.Reason.Finished);
        var said = JsonDocument.Parse(run.Output.Split('\n')[^1]).RootElement;
        (said.GetProperty("steps").GetInt64(), said.GetProperty("last_step").GetInt64(), said.GetProperty("format").GetString()).ShouldBe((5, 5, "jsonl"));
        said.GetProperty("names").GetProperty("loss").GetString().ShouldBe("loss");
    }

    [Fact]
    public async Task A_log_that_is_not_there_is_said()
    {
        await using var server = await FakeServer.StartAsync();

        var run = await server.RunAsync("tail", Path.Combine(folder, "nothing"), "--once");

        run.ExitCode.ShouldBe(ExitCodes.NotFound);
        run.Error.ShouldStartWith($"There is no log at {Path.Combine(folder, "nothing")}: ");
        server.Ingest.Hellos.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("--format needs one of", "--format", "xml")]
    [InlineData("--map needs NAME=WHAT", "--map", "loss")]
    [InlineData("--map needs NAME=WHAT", "--map", "a=b")]
    [InlineData("--from-start and --from-end exclude each other", "--from-start", "--from-end")]
    [InlineData("--interval needs a number above 0", "--interval", "0")]
    public async Task Mistakes_are_said(string sentence, params string[] arguments)
    {
        var run = await CliRun.OfAsync(["tail", "x", .. arguments]);

        run.ExitCode.ShouldBe(ExitCodes.Usage);
        run.Error.ShouldStartWith(sentence);
    }
}
