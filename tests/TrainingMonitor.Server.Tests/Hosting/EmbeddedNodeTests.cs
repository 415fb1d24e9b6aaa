using System.Text.Json;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;
using TrainingMonitor.Storage.Recording;

namespace TrainingMonitor.Server.Tests.Hosting;

/// <summary>The whole embedded server: real stores, real actors, one process.</summary>
public sealed class EmbeddedNodeTests
{
    [Fact]
    public async Task A_run_is_streamed_kept_and_read_back_after_a_restart()
    {
        await using var server = await ServerUnderTest.StartRealAsync();
        using (var trainer = new Trainer(server))
        {
            var welcome = await trainer.OpenAsync();
            welcome.ResumeAfter.ShouldBe(0UL);
            welcome.Page.ShouldBe(new Uri(server.Server.HttpAddress, "/runs/run-1").ToString());
            await trainer.SendAsync(Steps.Table(1));
            for (var i = 0; i < 50; i++)
                await trainer.SendWithinCreditsAsync(Steps.Report((ulong)i + 2, (ulong)i, 1.0 / (i + 1)));
            await trainer.SendWithinCreditsAsync(Steps.Goodbye(52));
            (await trainer.ReadAckAsync(52)).Received.ShouldBe(52UL);
            await trainer.DoneAsync();
            Ack? last = null;
            while (await trainer.ReadAsync() is { } frame)
                last = frame.Ack ?? last;
            trainer.Status.StatusCode.ShouldBe(StatusCode.OK);
            (last?.Durable ?? 52UL).ShouldBe(52UL);
        }

        await CheckAsync(server);
        await server.Server.DisposeAsync();
        await server.RestartRealAsync();
        await CheckAsync(server);
    }

    [Fact]
    public async Task A_frame_that_contradicts_the_ones_before_is_refused_with_its_field()
    {
        await using var server = await ServerUnderTest.StartRealAsync();
        using var trainer = new Trainer(server);
        await trainer.OpenAsync();
        // Columns of a layer table that was never sent.
        await trainer.SendAsync(Steps.Report(1, 0, 1.0));
        var (error, field) = await trainer.ReadErrorAsync();
        error.StatusCode.ShouldBe(StatusCode.InvalidArgument);
        field.ShouldBe("steps.reports[0].layer_table_version");
    }

    [Fact]
    public async Task A_newer_stream_of_the_rank_takes_over_and_goes_on()
    {
        await using var server = await ServerUnderTest.StartRealAsync();
        using var first = new Trainer(server);
        await first.OpenAsync();
        await first.SendAsync(Trainer.Scalars(1));
        await first.ReadAckAsync(1);
        using var second = new Trainer(server);
        var hello = Trainer.Hello();
        hello.NewestSequence = 1;
        (await second.OpenAsync(hello)).ResumeAfter.ShouldBe(1UL);
        await first.ReadErrorAsync();
        await second.SendAsync(Trainer.Scalars(2));
        (await second.ReadAckAsync(2)).Received.ShouldBe(2UL);
    }

    [Fact]
    public async Task An_alert_reaches_the_trainer_and_its_latency_is_told()
    {
        const int Runs = 30;
        await using var server = await ServerUnderTest.StartRealAsync();
        var milliseconds = new List<double>();
        for (var run = 0; run < Runs; run++)
        {
            using var trainer = new Trainer(server);
            await trainer.OpenAsync(Trainer.Hello($"run-{run}"));
            await trainer.SendAsync(Steps.Table(1));
            await trainer.SendAsync(Steps.Report(2, 0, 1.0));
            await trainer.ReadAckAsync(2);
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            await trainer.SendAsync(Steps.Report(3, 1, double.NaN));
            var frame = await trainer.ReadAsync();
            while (frame!.Alert is null)
                frame = await trainer.ReadAsync();
            milliseconds.Add(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            frame.Alert.Rule.ShouldBe("nonfinite");
            frame.Alert.Summary.ShouldNotBeEmpty();
        }

        milliseconds.Sort();
        TestContext.Current.TestOutputHelper!.WriteLine($"report sent to alert received over {Runs} runs: median {milliseconds[Runs / 2]:0.0} ms, largest {milliseconds[^1]:0.0} ms");
    }

    private static async Task CheckAsync(ServerUnderTest server)
    {
        var queries = new Protocol.V1.Queries.QueriesClient(server.Channel);
        var request = new SeriesRequest { RunId = "run-1", Names = { "loss" } };
        await Eventually.Async(async () => (await queries.GetSeriesAsync(request, server.Call())).Series.SingleOrDefault()?.X.Count == 50);
        var loss = (await queries.GetSeriesAsync(request, server.Call())).Series.Single();
        loss.Last.ShouldBe(Enumerable.Range(0, 50).Select(i => 1.0 / (i + 1)));
        var run = await queries.GetRunAsync(new GetRunRequest { RunId = "run-1" }, server.Call());
        (run.Summary.State, run.Summary.Step).ShouldBe((RunState.Finished, 49UL));
        (await queries.ListRunsAsync(new ListRunsRequest(), server.Call())).Runs.Single().RunId.ShouldBe("run-1");
        var json = JsonDocument.Parse(await server.Http.GetStringAsync("/api/v1/runs/run-1", TestContext.Current.CancellationToken)).RootElement;
        json.GetProperty("layers").GetArrayLength().ShouldBe(2);

        using var bytes = new MemoryStream();
        using var call = queries.GetRecording(new RecordingRequest { RunId = "run-1" }, server.Call());
        await foreach (var chunk in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
            chunk.Data.WriteTo(bytes);
        bytes.Position = 0;
        var recording = new RecordingReader(bytes);
        recording.Read().Count().ShouldBeGreaterThanOrEqualTo(52);
        recording.IsComplete.ShouldBeTrue();
    }
}
