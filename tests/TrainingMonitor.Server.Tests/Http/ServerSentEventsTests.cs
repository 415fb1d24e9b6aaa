using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.Server.Tests.Http;

public sealed class ServerSentEventsTests
{
    [Fact]
    public async Task A_live_run_is_followed_until_it_ends()
    {
        await using var server = await ServerUnderTest.StartAsync();
        server.Node.Gateway.Live["a"] = Samples.Run("a", state: RunState.Running);
        using var response = await server.Http.GetAsync("/api/v1/runs/a/watch", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        (await lines.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe(": connected");
        for (var step = 1UL; step <= 3; step++)
        {
            server.Node.Gateway.Updates.Writer.TryWrite(new RunUpdate { Summary = new RunSummary { RunId = "a", Step = step, Name = "line\nbreak" } });
            (await NextAsync(lines)).ShouldBe("event: update");
            var data = await lines.ReadLineAsync(TestContext.Current.CancellationToken);
            data.ShouldStartWith("data: {");
            data.ShouldContain($"\"step\": \"{step}\"");
        }

        server.Node.Gateway.Updates.Writer.Complete();
        (await NextAsync(lines)).ShouldBe("event: end");
    }

    [Fact]
    public async Task A_stored_run_has_one_last_word()
    {
        await using var server = await ServerUnderTest.StartAsync();
        server.Node.Store.Runs["a"] = Samples.Run("a");
        var text = await server.Http.GetStringAsync("/api/v1/runs/a/watch", TestContext.Current.CancellationToken);
        text.ShouldContain("RUN_STATE_FINISHED");
        text.TrimEnd().ShouldEndWith("event: end\ndata: {}");
    }

    [Fact]
    public async Task Alerts_are_followed_and_end_with_the_server()
    {
        await using var server = await ServerUnderTest.StartAsync();
        using var response = await server.Http.GetAsync("/api/v1/alerts/watch", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        server.Node.Gateway.Raise(Samples.Alert("a", 1));
        (await NextAsync(lines)).ShouldBe("event: alert");
        await server.Server.DisposeAsync();
        while (await lines.ReadLineAsync(TestContext.Current.CancellationToken) is not null)
        {
        }
    }

    private static async Task<string?> NextAsync(StreamReader lines)
    {
        while (await lines.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("event:", StringComparison.Ordinal))
                return line;
        }

        return null;
    }
}
