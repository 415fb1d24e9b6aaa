using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using TrainingMonitor.EndToEndTests.Support;
using TrainingMonitor.Logs.Tests.Support;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.EndToEndTests.Tail;

/// <summary><c>trainmon tail</c> as a process, beside a server of its own: logs that grow become series and alerts.</summary>
public sealed class TailTests
{
    [Fact]
    public async Task An_event_file_that_grows_shows_its_loss_and_its_NaN_raises_an_alert()
    {
        var stop = TestContext.Current.CancellationToken;
        using var folders = new TemporaryFolder();
        await using var server = new ServerProcess(Path.Combine(folders.Path, "data"));
        await server.StartAsync(stop);
        var log = Path.Combine(Directory.CreateDirectory(Path.Combine(folders.Path, "runs")).FullName, "events.out.tfevents.1700000000.host.1.0");
        await File.WriteAllBytesAsync(log, EventWriter.Version, stop);
        using var tail = Start(server, Path.GetDirectoryName(log)!, "--run-id", "events", "--interval", "0.2");

        for (var step = 1; step <= 30; step++)
        {
            await AppendAsync(log, [.. EventWriter.Scalar("train/loss", step, 3f / step), .. EventWriter.Scalar("train/lr", step, 0.1f)], stop);
        }

        await UntilAsync(async () => (await LossesAsync(server, "events", stop)).Count == 30, server, stop);
        (await LossesAsync(server, "events", stop))[9].ShouldBe(0.3, 1e-6);

        await AppendAsync(log, EventWriter.Scalar("train/loss", 31, float.NaN), stop);
        await UntilAsync(async () => (await server.GetAsync("/api/v1/runs/events/alerts", stop)).Contains("\"nonfinite\"", StringComparison.Ordinal), server, stop);

        using (Process.Start("kill", ["-TERM", tail.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await tail.WaitForExitAsync(stop);
        }

        // What a second tail finds there already is not sent again.
        await AppendAsync(log, EventWriter.Scalar("train/loss", 32, 0.5f), stop);
        using var again = Start(server, Path.GetDirectoryName(log)!, "--run-id", "events", "--once", "--json");
        var said = await again.StandardOutput.ReadToEndAsync(stop);
        await again.WaitForExitAsync(stop);
        var state = JsonDocument.Parse(said.Trim().Split('\n')[^1]).RootElement;
        (state.GetProperty("steps").GetInt64(), state.GetProperty("last_step").GetInt64()).ShouldBe((1, 32));
    }

    [Fact]
    public async Task A_spike_in_a_log_of_JSON_lines_raises_loss_spike()
    {
        var stop = TestContext.Current.CancellationToken;
        using var folders = new TemporaryFolder();
        await using var server = new ServerProcess(Path.Combine(folders.Path, "data"));
        await server.StartAsync(stop);
        var random = new Random(1);
        var log = Path.Combine(folders.Path, "train.jsonl");
        await File.WriteAllLinesAsync(log, Enumerable.Range(1, 400).Select(step => string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"step\": {step}, \"loss\": {(step is >= 300 and < 310 ? 9 : 2) + (0.05 * random.NextDouble())}, \"grad_norm\": {1 + (0.1 * random.NextDouble())}}}")), stop);

        using var tail = Start(server, log, "--run-id", "spike", "--once");
        await tail.WaitForExitAsync(stop);

        tail.ExitCode.ShouldBe(0, await tail.StandardError.ReadToEndAsync(stop));

        // What is acknowledged is in the log; the store of alerts has it a moment later.
        await UntilAsync(async () => (await server.GetAsync("/api/v1/runs/spike/alerts", stop)).Contains("\"loss_spike\"", StringComparison.Ordinal), server, stop);
    }

    private static Process Start(ServerProcess server, string path, params string[] arguments) =>
        CommandLine.Start((string[])["tail", path, "--server", server.Grpc.ToString(), "--http", server.Http.ToString(), .. arguments]);

    private static async Task AppendAsync(string path, byte[] bytes, CancellationToken stop)
    {
        await using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        await file.WriteAsync(bytes, stop);
    }

    private static async Task<List<double>> LossesAsync(ServerProcess server, string run, CancellationToken stop)
    {
        var runs = await server.GetAsync("/api/v1/runs", stop);
        if (!runs.Contains($"\"{run}\"", StringComparison.Ordinal))
        {
            return [];
        }

        using var answer = JsonDocument.Parse(await server.GetAsync($"/api/v1/runs/{run}/series?names=loss", stop));
        return [.. answer.RootElement.GetProperty("series").EnumerateArray().SelectMany(s => s.GetProperty("last").EnumerateArray().Select(v => v.GetDouble()))];
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, ServerProcess server, CancellationToken stop)
    {
        for (var wait = 0; wait < 600; wait++)
        {
            if (await condition())
            {
                return;
            }

            await Task.Delay(100, stop);
        }

        Assert.Fail($"It did not come to pass within a minute: {server.Said}");
    }
}
