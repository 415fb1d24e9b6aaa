using System.Text.Json;
using Google.Protobuf;
using TrainingMonitor.Cli.Tests.Support;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Recording;

namespace TrainingMonitor.Cli.Tests.Commands;

public sealed class FileCommandTests : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("trainmon-test-");
    private FakeServer server = null!;

    public async ValueTask InitializeAsync()
    {
        server = await FakeServer.StartAsync();
        server.Queries.Runs.AddRange([Samples.Run(), Samples.Run("refused")]);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("x.csv", "csv", "False")]
    [InlineData("x.parquet", "parquet", "False")]
    [InlineData("x.bin", "parquet", "True", "--format", "parquet", "--layers")]
    public async Task Export_writes_what_the_server_sends(string name, string format, string layers, params string[] options)
    {
        var file = Path.Combine(folder.FullName, name);

        var run = await server.RunAsync(["export", "digits-1", "--out", file, "--json", .. options]);

        run.ExitCode.ShouldBe(ExitCodes.Ok, run.Error);
        File.ReadAllText(file).ShouldBe($"digits-1,{format},{layers}");
        using var json = JsonDocument.Parse(run.Output);
        json.RootElement.GetProperty("bytes").GetInt64().ShouldBe(new FileInfo(file).Length);
        json.RootElement.GetProperty("file").GetString().ShouldBe(file);
    }

    [Fact]
    public async Task A_refused_export_leaves_no_file()
    {
        var file = Path.Combine(folder.FullName, "x.csv");

        var run = await server.RunAsync("export", "refused", "--out", file);

        run.ExitCode.ShouldBe(ExitCodes.Failure);
        run.Error.ShouldBe("The server refused: The store is closed.");
        folder.GetFiles().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_recording_replays_byte_for_byte_within_the_credits()
    {
        var frames = Frames().ToArray();
        server.Queries.Recording = [.. Recording(frames).Chunk(37)];
        var file = Path.Combine(folder.FullName, "run.tmrec");

        (await server.RunAsync("record", "digits-1", "--out", file)).ExitCode.ShouldBe(ExitCodes.Ok);
        var run = await server.RunAsync("replay", file, "--run-id", "again", "--json");

        run.ExitCode.ShouldBe(ExitCodes.Ok, run.Error);
        server.Ingest.Hellos.ShouldHaveSingleItem().RunId.ShouldBe("again");
        server.Ingest.Frames.Select(sent => sent.Frame).ShouldBe(frames);
        server.Ingest.HighestUnacked.ShouldBeLessThanOrEqualTo(3UL);
        using var json = JsonDocument.Parse(run.Output);
        json.RootElement.GetProperty("frames").GetInt64().ShouldBe(frames.Length);
        json.RootElement.GetProperty("steps").GetInt64().ShouldBe(20);
        json.RootElement.GetProperty("page").GetString().ShouldBe("http://127.0.0.1:4651/runs/again");
    }

    [Fact]
    public async Task A_known_run_is_not_replayed_into()
    {
        var file = Path.Combine(folder.FullName, "run.tmrec");
        await File.WriteAllBytesAsync(file, Recording(Frames()), TestContext.Current.CancellationToken);

        var run = await server.RunAsync("replay", file);

        run.ExitCode.ShouldBe(ExitCodes.Usage);
        run.Error.ShouldBe("The server already has a run digits-1: choose another id with --run-id.");
    }

    [Fact]
    public async Task What_is_no_recording_is_refused()
    {
        var file = Path.Combine(folder.FullName, "x");
        await File.WriteAllTextAsync(file, "hello, I am a text file", TestContext.Current.CancellationToken);

        var run = await server.RunAsync("replay", file);

        run.ExitCode.ShouldBe(ExitCodes.Failure);
        run.Error.ShouldContain("this is no recording");
        (await server.RunAsync("replay", file + "2")).ExitCode.ShouldBe(ExitCodes.NotFound);
    }

    private static IEnumerable<TrainerFrame> Frames()
    {
        ulong sequence = 1;
        yield return new TrainerFrame { Sequence = sequence++, LayerTable = new LayerTable { Version = 1, Layers = { new Layer { Name = "a" } } } };
        for (ulong step = 0; step < 20; step++)
        {
            yield return new TrainerFrame { Sequence = sequence++, Steps = new StepReports { Reports = { new StepReport { Step = step, TimeUnixNs = Samples.Noon + (long)step, Values = new StepValues { Loss = step } } } } };
        }

        yield return new TrainerFrame { Sequence = sequence, Goodbye = new Goodbye { Reason = Goodbye.Types.Reason.Finished } };
    }

    private static byte[] Recording(IEnumerable<TrainerFrame> frames)
    {
        using var stream = new MemoryStream();
        var writer = new RecordingWriter(stream, "digits-1");
        var opened = new Input { Opened = new Opened { Hello = new Hello { RunId = "digits-1", ProtocolVersion = 1 } } };
        long position = 1;
        writer.Write(new FrameRecord(position++, FrameRecordKind.Input, "digits-1", 0, 0, opened.ToByteArray()));
        foreach (var frame in frames)
        {
            writer.Write(new FrameRecord(position++, FrameRecordKind.Frame, "digits-1", 0, 0, frame.ToByteArray()));
        }

        writer.Complete();
        return stream.ToArray();
    }
}
